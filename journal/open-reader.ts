import { lostTail } from './anchor-keeper.ts'
import type { JournalError } from './error.ts'
import { readAnchor } from './leveldb/anchor.ts'
import { corrupt } from './leveldb/damage.ts'
import type { Holder } from './leveldb/holder.ts'
import type { Meta } from './meta.ts'
import type { JournalReader } from './reader.ts'
import type { Store } from './store.ts'
import type { Tip } from './tip.ts'
import { type CopyOptions, copyJournal, placeOf, type WorkingCopy } from './working-copy.ts'

/** A journal opened for reading, as it was when it was opened. */
export interface OpenedReader {
  readonly reader: JournalReader
  readonly store: Store
  readonly meta: Meta
  /** The newest commit; `undefined` in a journal whose creation was cut short. */
  readonly tip: Tip | undefined
  /** The engine that holds the journal. */
  readonly holder: Holder | undefined
  /** What a crash left unfinished at the end of the log, and nobody was told was written. */
  readonly tornTail: Awaited<WorkingCopy['checked']>
  /**
   * JOURNAL_TAIL_LOST, where commits are missing at the end, or JOURNAL_CORRUPT, where nobody can tell
   * any more. What is there may be read all the same.
   */
  readonly lostTail: JournalError | undefined
  /** Closes it and removes the files it worked on. */
  close(): Promise<void>
}

/**
 * Opens the journal in `dir` for reading, also beside a running engine. Works on a copy: nothing in
 * `dir` is changed, locked or held up, and it needs as much space again unless the file system
 * clones files.
 *
 * Throws JOURNAL_CORRUPT and JOURNAL_UNUSABLE. A lost end does not throw: look at `lostTail`.
 *
 * @example
 * const { reader, close } = await openReader('./data')
 * for await (const head of reader.heads('active')) console.log(head.run, head.status)
 * await close()
 */
export async function openReader(dir: string, options?: CopyOptions): Promise<OpenedReader> {
  const copy = await copyJournal(dir, options)
  let store: Store | undefined
  const close = async (): Promise<void> => {
    try {
      await store?.close()
    } finally {
      await copy.remove()
    }
  }
  try {
    // LevelDB reads the log in a thread of its own: meanwhile what is to read the store is loaded.
    const loaded = import('./first-look.ts')
    store = await copy.open()
    const { firstLook } = await loaded
    const [tornTail, { holder }] = [await copy.checked, copy]
    const looked = await firstLook(store)
    return { ...looked, store, holder, tornTail, lostTail: await lostIn(copy, dir, looked), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function lostIn(
  { path }: WorkingCopy,
  dir: string,
  { tip, meta }: Pick<OpenedReader, 'tip' | 'meta'>,
): Promise<JournalError | undefined> {
  try {
    return lostTail(dir, tip, await readAnchor(path), meta.durability)
  } catch (error) {
    const place = placeOf(error)
    if (place === undefined) throw error
    return corrupt(dir, place)
  }
}
