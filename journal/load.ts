import { fillStore, type OnProgress } from './dump/fill.ts'
import type { DumpHeader } from './dump/header.ts'
import type { DumpPieces } from './dump/lines.ts'
import { memoryStore } from './memory-store.ts'
import type { OpenedReader } from './open-reader.ts'
import { JournalReader } from './reader.ts'

export interface ReadDumpOptions {
  /** What messages call the dump, as its path. Default: "The dump". */
  readonly name?: string
  /** Given how many entries were loaded so far, now and then. */
  readonly onProgress?: OnProgress
}

export interface LoadOptions extends ReadDumpOptions {
  /** A directory that is empty or absent. */
  readonly into: string
  /** Wall clock in ms: since when the directory is held, for those that ask. */
  readonly now: number
}

export interface Loaded {
  /** Id of the journal: that of the one that was dumped. */
  readonly journal: string
  readonly runs: number
  readonly entries: number
  /** The newest commit. */
  readonly commit: number
  /** The run that the dump holds alone: the journal is part of one. */
  readonly run?: string
}

/**
 * Makes a journal of a dump (of any format, packed with gzip or not) in a new directory, as sound as
 * one that an engine wrote: an engine that opens it carries on where the other had got to. Streams;
 * memory grows by some 60 bytes a record. A load that fails or is cut leaves no journal.
 *
 * The journal is a copy: it keeps the id of the one that was dumped, and so the keys that steps pass to
 * other systems. Let one of the two run, or both will charge, mail and answer for the same runs. Of the
 * dump of one run, only that run is in it: to be looked at, since what it waits for may be missing.
 *
 * Throws JOURNAL_UNUSABLE if the directory is not empty, or it is no dump; JOURNAL_CORRUPT if the dump
 * is cut or was changed, with `facts.line`; JOURNAL_FORMAT if a later release wrote it.
 *
 * @example
 * await load(createReadStream('backup.ndjson.gz'), { into: './data', now: Date.now() })
 */
export async function load(pieces: DumpPieces, options: LoadOptions): Promise<Loaded> {
  const { into, now, name = 'The dump', onProgress } = options
  // Loaded when it is needed: who reads a dump into memory has no use for LevelDB.
  const { createDirectory } = await import('./dump/new-directory.ts')
  const filled = await createDirectory(into, now, store =>
    fillStore(store, pieces, name, onProgress),
  )
  const { meta, runs, entries, tip, header } = filled
  const part = header.run !== undefined && { run: header.run }
  return { journal: meta.id, runs, entries, commit: tip.commit, ...part }
}

/** A dump, opened as `openReader` opens a directory. */
export interface LoadedReader extends OpenedReader {
  /** What the dump says of the journal that it was made from. */
  readonly header: DumpHeader
}

/**
 * Reads a dump into memory, all of it, so that it can be looked into as a journal is. `tip` is that of
 * the copy; `header` says where the original had got to.
 *
 * Throws as `load` does.
 */
export async function loadInMemory(
  pieces: DumpPieces,
  { name = 'The dump', onProgress }: ReadDumpOptions = {},
): Promise<LoadedReader> {
  const store = await memoryStore(name)
  try {
    const { header, meta, tip } = await fillStore(store, pieces, name, onProgress)
    const reader = new JournalReader(store)
    const nobody = { holder: undefined, tornTail: undefined, lostTail: undefined }
    return { header, reader, store, meta, tip, ...nobody, close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}
