import type { Holder } from './leveldb/holder.ts'
import type { Meta } from './meta.ts'
import type { JournalReader } from './reader.ts'
import type { Store } from './store.ts'
import type { Tip } from './tip.ts'
import { type CopyOptions, copyJournal, type WorkingCopy } from './working-copy.ts'

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
  /** Closes it and removes the files it worked on. */
  close(): Promise<void>
}

/**
 * Opens the journal in `dir` for reading, also beside a running engine. Works on a copy: nothing in
 * `dir` is changed, locked or held up, and it needs as much space again unless the file system
 * clones files.
 *
 * Throws JOURNAL_CORRUPT and JOURNAL_UNUSABLE.
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
    return { ...(await firstLook(store)), store, holder, tornTail, close }
  } catch (error) {
    await close()
    throw error
  }
}
