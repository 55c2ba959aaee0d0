import { hostname } from 'node:os'
import { isMainThread, threadId } from 'node:worker_threads'
import { Level } from 'level'
import { MemoryLevel } from 'memory-level'
import { JournalError } from './error.ts'
import type { Head } from './head.ts'
import type { Journal, Tip } from './journal.ts'
import { LevelStore } from './level-store.ts'
import { type Anchor, readAnchor, writeAnchor } from './leveldb/anchor.ts'
import { Fence } from './leveldb/fence.ts'
import { acquireOwnership, type Ownership } from './leveldb/owner.ts'
import { type Preflight, preflight } from './leveldb/preflight.ts'
import { scrubTables } from './leveldb/scrub.ts'
import type { Durability, Meta } from './meta.ts'
import { startJournal } from './start.ts'
import type { Store } from './store.ts'

export interface OpenJournalOptions {
  /** A directory, or `':memory:'`. */
  readonly path: string
  /** `'fsync'` (default) survives power cuts, `'os'` only the death of the process. */
  readonly durability?: Durability
  /** Wall clock in ms. */
  readonly now: number
  /** Identity of a journal that is created. Default: random. */
  readonly newId?: string
  /** Given the head of each run that has not ended. */
  readonly onHead?: (head: Head) => void
}

export interface OpenedJournal {
  readonly journal: Journal
  readonly meta: Meta
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
export function openJournal(options: OpenJournalOptions): Promise<OpenedJournal> {
  return options.path === ':memory:' ? openMemory(options) : openDirectory(options)
}

async function openMemory(options: OpenJournalOptions): Promise<OpenedJournal> {
  const db = new MemoryLevel<string, Uint8Array>({ storeEncoding: 'buffer', ...ENCODINGS })
  const store = new LevelStore({
    place: ':memory:',
    db,
    sync: false,
    aliases: true,
    fence: () => {},
    release: async () => {},
  })
  const { journal, meta } = await startJournal(store, { durability: 'os', ...options })
  return { journal, meta, tornTail: undefined, scrub: nothingToScrub }
}

/** A journal on any store; there is no lock, no scan and no anchor but what the store does itself. */
export async function openOn(store: Store, options: OpenJournalOptions): Promise<OpenedJournal> {
  const { journal, meta } = await startJournal(store, { durability: 'fsync', ...options })
  return { journal, meta, tornTail: undefined, scrub: nothingToScrub }
}

async function* nothingToScrub(): AsyncGenerator<JournalError> {}

// Opening compacts, and compaction writes damaged blocks anew with good checksums. So tables are
// checked before it: those of ordinary journals all, of large ones the newest; the rest follows.
const SCRUBBED_FIRST = 32 << 20
const ENCODINGS = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

async function openDirectory(options: OpenJournalOptions): Promise<OpenedJournal> {
  const ownership = await acquireOwnership(options.path, self(options.now))
  try {
    return await openOwned(ownership, options)
  } catch (error) {
    await ownership.release()
    throw error
  }
}

async function openOwned(
  ownership: Ownership,
  options: OpenJournalOptions,
): Promise<OpenedJournal> {
  const { path } = ownership
  const { durability = 'fsync' } = options
  const { created, tornTail } = await preflight(path)
  if (!created) for await (const damage of scrubTables(path, SCRUBBED_FIRST)) throw damage
  const db = new Level<string, Uint8Array>(path, { createIfMissing: created, ...ENCODINGS })
  await openDatabase(db, path)
  const fence = new Fence(path)
  const store = new LevelStore({
    place: path,
    db,
    sync: durability === 'fsync',
    fence: () => mustBeOurs(path, fence),
    release: () => ownership.release(),
  })
  try {
    const anchor = created ? undefined : await readAnchor(path)
    const keeper = new AnchorKeeper(path)
    const { journal, meta } = await startJournal(store, {
      ...options,
      durability,
      onTip: tip => mustReach(path, tip, anchor, durability),
      onCommit: tip => keeper.keep(tip),
      onClose: tip => keeper.close(tip),
    })
    return { journal, meta, tornTail, scrub: () => scrubTables(path) }
  } catch (error) {
    await db.close()
    throw await named(path, error)
  }
}

// LevelDB does not say which file it could not read. The scrub does.
async function named(path: string, error: unknown): Promise<unknown> {
  for await (const damage of scrubTables(path)) return damage
  return error
}

// Containers that share a directory do not share the owner's socket: then LevelDB's own lock tells.
async function openDatabase(db: Level<string, Uint8Array>, path: string): Promise<void> {
  try {
    await db.open()
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } }
    if (cause?.code !== 'LEVEL_LOCKED') throw await named(path, unusable(path, error))
    throw new JournalError('JOURNAL_LOCKED', `Another process holds the journal ${path}.`, {
      hint: 'It may run in another container. Stop it, or use another directory.',
      facts: { place: path, holder: undefined },
      cause: error,
    })
  }
}

const unusable = (path: string, cause: unknown): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `LevelDB cannot open the journal ${path}.`, {
    hint: 'The cause says why. Nothing was repaired: keep the directory as it is.',
    facts: { place: path },
    cause,
  })

const ANCHOR_EVERY_MS = 1_000

/** Writes down how far the journal got: at most once a second, and when it is closed. */
class AnchorKeeper {
  readonly #path: string
  #newest = Number.NEGATIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  constructor(path: string) {
    this.#path = path
  }

  // Commits do not wait for the anchor: it is a lower bound of what must be there. One that could
  // not be written fails the next commit.
  keep(tip: Tip): undefined {
    if (this.#failure !== undefined) throw this.#failure.error
    if (tip.at - this.#newest < ANCHOR_EVERY_MS) return
    this.#newest = tip.at
    this.#write(tip, false).catch(error => {
      this.#failure = { error }
    })
  }

  close(tip: Tip): Promise<void> {
    return this.#write(tip, true)
  }

  #write({ epoch, commit, chain }: Tip, clean: boolean): Promise<void> {
    const anchor = { epoch, commit, chain: chain.toString('hex'), clean }
    this.#writing = this.#writing.then(() => writeAnchor(this.#path, anchor))
    return this.#writing
  }
}

function mustReach(
  path: string,
  tip: Tip | undefined,
  anchor: Anchor | undefined,
  durability: Durability,
): void {
  if (anchor === undefined) return
  const commit = tip?.commit ?? 0
  const reached =
    commit > anchor.commit ||
    (commit === anchor.commit && tip?.chain.toString('hex') === anchor.chain)
  // Without fsync a power cut may take acknowledged commits: that is what the mode is named for.
  if (reached || durability === 'os') return
  const lost = anchor.commit - commit
  throw new JournalError(
    'JOURNAL_TAIL_LOST',
    `The journal ${path} ends at commit ${commit}; commit ${anchor.commit} was acknowledged.`,
    {
      hint: 'Nothing was changed. Restore the directory as it was, or a newer backup of it.',
      facts: { place: path, commit, acknowledged: anchor.commit, lost },
    },
  )
}

function mustBeOurs(path: string, fence: Fence): void {
  const fault = fence.check()
  if (fault === undefined) return
  throw new JournalError('JOURNAL_FENCED', `Another engine has opened the journal ${path}.`, {
    hint: 'Find out what else opens this directory: one engine at a time.',
    facts: { place: path, ...fault },
  })
}

const self = (now: number) => ({
  pid: process.pid,
  host: hostname(),
  command: process.argv.slice(0, 2).join(' '),
  since: now,
  thread: isMainThread ? 0 : threadId,
})
