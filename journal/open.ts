import type { JournalError } from './error.ts'
import type { InboxInput, StoredWait } from './event-reader.ts'
import type { Head } from './head.ts'
import type { Journal } from './journal.ts'
import type { Preflight } from './leveldb/preflight.ts'
import { memoryStore } from './memory-store.ts'
import type { Durability, Meta } from './meta.ts'
import type { Recovery } from './recovery.ts'
import { type Started, startJournal } from './start.ts'
import type { Store } from './store.ts'

/** What `openJournal` takes. */
export interface OpenJournalOptions {
  /** A directory, or `':memory:'`. */
  readonly path: string
  /** `'fsync'` (default) survives power cuts, `'os'` only the death of the process. */
  readonly durability?: Durability
  /** Wall clock in ms. */
  readonly now: number
  /** Identity of a journal that is created. Default: random. */
  readonly newId?: string
  /** Paths of keys whose values are not to be shown. Default: as it was. */
  readonly secrets?: readonly string[]
  /** Given the head of each run that has not ended. */
  readonly onHead?: (head: Head) => void
  /** Given what each open wait and cancellation listens for. */
  readonly onWait?: (wait: StoredWait) => void
  /** Given the inputs that wait in inboxes, each run's in order. */
  readonly onInput?: (input: InboxInput) => void
}

/** A journal that is open for writing, and what was found in it. */
export interface OpenedJournal {
  readonly journal: Journal
  /** The real path of its directory; absent: it is kept otherwise. */
  readonly directory?: string
  readonly meta: Meta
  /** What was written down of the runs that are to be brought back. */
  readonly recovery: Recovery | undefined
  /** The open timers that are due before these times, in due order on each clock. */
  readonly timers: Started['timers']
  /** The anchors are gone: whether the end of the journal is missing cannot be told. */
  readonly unanchored: boolean
  /** Bytes at the end of the log that a crash left unfinished, and that were never acknowledged. */
  readonly tornTail: Preflight['tornTail']
  /** Checks the tables of the store as they lie on disk. Yields what is damaged in them. */
  scrub(): AsyncIterable<JournalError>
}

/**
 * Opens a journal, and creates it if the directory is empty or absent. One engine at a time.
 *
 * Throws JOURNAL_LOCKED (`facts.holder` says who has it), JOURNAL_CORRUPT and JOURNAL_TAIL_LOST
 * (nothing was changed), JOURNAL_FORMAT, JOURNAL_UNUSABLE.
 */
export async function openJournal(options: OpenJournalOptions): Promise<OpenedJournal> {
  if (options.path === ':memory:') return openMemory(options)
  // Loaded when it is needed: a process that never opens a directory has no use for LevelDB.
  const { openDirectory } = await import('./open-directory.ts')
  return openDirectory(options)
}

async function openMemory(options: OpenJournalOptions): Promise<OpenedJournal> {
  const store = await memoryStore(':memory:')
  return withoutDirectory(await startJournal(store, { durability: 'os', ...options }))
}

/** A journal on any store; there is no lock, no scan and no anchor but what the store does itself. */
export function openOn(store: Store, options: OpenJournalOptions): Promise<OpenedJournal> {
  return startJournal(store, { durability: 'fsync', ...options }).then(withoutDirectory)
}

// Written out: to add fields to what was spread is slow, and tests open journals by the thousand.
const withoutDirectory = ({ journal, meta, recovery, timers }: Started): OpenedJournal => ({
  journal,
  meta,
  recovery,
  timers,
  unanchored: false,
  tornTail: undefined,
  scrub: nothingToScrub,
})

async function* nothingToScrub(): AsyncGenerator<JournalError> {}
