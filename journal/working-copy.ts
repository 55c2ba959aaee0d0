import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Level } from 'level'
import { JournalError } from './error.ts'
import { copyConsistent } from './leveldb/copy.ts'
import { corrupt, isCutLoad, type Place, systemCode, unusable } from './leveldb/damage.ts'
import { findDirectory } from './leveldb/directory.ts'
import type { Holder } from './leveldb/holder.ts'
import { askOwner } from './leveldb/owner.ts'
import { type Preflight, preflight } from './leveldb/preflight.ts'
import type { Store } from './store.ts'

/**
 * A copy of a journal to read in. LevelDB changes whatever it opens (it replays the log into tables
 * and deletes it), so a reader never opens the journal itself, whether an engine holds it or not.
 */
export interface WorkingCopy {
  /** The directory of the copy. */
  readonly path: string
  /** The engine that held the journal when it was copied. */
  readonly holder: Holder | undefined
  /** What a crash left unfinished at the end of the log, and nobody was told was written. */
  readonly tornTail: Preflight['tornTail']
  /** Opens the copy; closing the store leaves the files. Once. */
  open(): Promise<Store>
  /** Removes the files. Close the store first. */
  remove(): Promise<void>
}

/** How a copy is made to be read. */
export interface CopyOptions {
  /** Where the copy is made, in a directory of its own. Default: the system's temporary directory. */
  readonly scratch?: string
}

/**
 * Copies the journal in `dir`, beside a running engine or without one. The original is only read.
 *
 * Throws JOURNAL_CORRUPT (`facts.place`: file, offset, why) when a log or the MANIFEST is damaged,
 * JOURNAL_UNUSABLE when there is no journal or it cannot be read.
 */
export async function copyJournal(dir: string, options: CopyOptions = {}): Promise<WorkingCopy> {
  const { path: source } = await existing(dir)
  const holder = await askOwner(source)
  const path = await mkdtemp(join(options.scratch ?? tmpdir(), 'perdure-copy-'))
  // A while of this thread, which copying leaves idle.
  const level = import('level')
  const remove = () => rm(path, { recursive: true, force: true })
  try {
    const { tornTail } = await copyConsistent(source, path)
    // Beside an engine it is a write that goes on.
    const torn = holder === undefined ? tornTail : undefined
    return {
      path,
      holder,
      tornTail: torn,
      open: async () => openCopy(source, path, await level),
      remove,
    }
  } catch (error) {
    await remove()
    // Beside an engine, files come and go while they are looked at: there the copy alone is checked.
    if (holder === undefined) await mustBeSound(source)
    throw ofOriginal(source, error)
  }
}

async function existing(dir: string): ReturnType<typeof findDirectory> {
  try {
    return await findDirectory(dir)
  } catch (error) {
    const problem = systemCode(error) === 'ENOENT' ? 'does not exist' : 'cannot be read'
    throw unusable(dir, problem, 'Name the directory of a journal.', error)
  }
}

/** What cannot be copied is looked at where it is, which says best what is wrong with it. */
async function mustBeSound(source: string): Promise<void> {
  const { created } = await preflight(source).catch((error: unknown) => {
    // What it advises is for those who want to create a journal.
    const isNone = codeOf(error) === 'JOURNAL_UNUSABLE' && !isCutLoad(error)
    throw isNone ? noJournalIn(source, error) : error
  })
  if (created) throw noJournalIn(source)
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof JournalError ? error.code : undefined

const noJournalIn = (source: string, cause?: unknown): JournalError =>
  unusable(source, 'holds no journal', 'Name the directory of a journal.', cause)

/** What is wrong with the copy was wrong with the original. */
function ofOriginal(source: string, error: unknown): unknown {
  const place = placeOf(error)
  return place === undefined ? error : corrupt(source, place)
}

/** Where a JOURNAL_CORRUPT about a file of the directory says it is. */
export function placeOf(error: unknown): Place | undefined {
  if (!(error instanceof JournalError) || error.code !== 'JOURNAL_CORRUPT') return undefined
  const { place } = error.facts
  return isPlace(place) ? place : undefined
}

const isPlace = (place: unknown): place is Place =>
  typeof place === 'object' && place !== null && 'file' in place && 'offset' in place

async function openCopy(
  source: string,
  path: string,
  level: typeof import('level'),
): Promise<Store> {
  const db = new level.Level<string, Uint8Array>(path, {
    createIfMissing: false,
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  const loaded = import('./first-look.ts')
  await opened(db, source)
  return (await loaded).storeOfCopy(source, db)
}

async function opened(db: Level<string, Uint8Array>, source: string): Promise<void> {
  try {
    await db.open()
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const why = `LevelDB cannot open it: ${cause instanceof Error ? cause.message : String(cause)}`
    throw corrupt(source, { file: 'CURRENT', offset: 0, why })
  }
}
