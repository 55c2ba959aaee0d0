import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Level } from 'level'
import { JournalError } from './error.ts'
import { copyUnchecked } from './leveldb/copy.ts'
import { corrupt, isCutLoad, type Place, systemCode, unusable } from './leveldb/damage.ts'
import { findDirectory } from './leveldb/directory.ts'
import type { Holder } from './leveldb/holder.ts'
import { orNoRoom } from './leveldb/no-room.ts'
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
  /**
   * Its logs are being read, which goes on while LevelDB opens it. Throws JOURNAL_CORRUPT and
   * JOURNAL_UNUSABLE, as `open` does then. Gives what a crash left unfinished at the end of the log,
   * and nobody was told was written.
   */
  readonly checked: Promise<Preflight['tornTail']>
  /** Opens the copy, once it is checked; closing the store leaves the files. Once. */
  open(): Promise<Store>
  /** Removes the files. Close the store first. */
  remove(): Promise<void>
}

/** How a copy is made to be read. */
export interface CopyOptions {
  /** Where the copy is made, in a directory of its own. Default: the system's temporary directory. */
  readonly scratch?: string
  /** Whoever gave `scratch` removes what is in it: closing leaves the files, and takes less long. */
  readonly leavesFiles?: boolean
}

/**
 * Copies the journal in `dir`, beside a running engine or without one. The original is only read.
 *
 * Throws JOURNAL_CORRUPT (`facts.place`: file, offset, why) when the MANIFEST is damaged or a table
 * is not there; JOURNAL_UNUSABLE when there is no journal or it cannot be read.
 */
export async function copyJournal(dir: string, options: CopyOptions = {}): Promise<WorkingCopy> {
  const { path: source } = await existing(dir)
  const [asked, path] = await Promise.all([
    askOwner(source),
    mkdtemp(join(options.scratch ?? tmpdir(), 'perdure-copy-')),
  ])
  const copy = new Copy(source, path, asked, options)
  try {
    await copy.make()
    return copy
  } catch (error) {
    await copy.remove()
    throw orNoRoom(source, copying(path), error)
  }
}

const copying = (path: string) => ({
  problem: `cannot be copied to be read, into ${dirname(path)}`,
  elsewhere: 'have the copy made on another disk (`TMPDIR`)',
})

class Copy implements WorkingCopy {
  readonly path: string
  readonly holder: Holder | undefined
  readonly #source: string
  readonly #leavesFiles: boolean
  // A while of this thread, which copying leaves idle.
  readonly #level = import('level')
  checked: WorkingCopy['checked'] = Promise.resolve(undefined)

  constructor(
    source: string,
    path: string,
    holder: Holder | undefined,
    { leavesFiles = false }: CopyOptions,
  ) {
    this.#source = source
    this.#leavesFiles = leavesFiles
    this.path = path
    this.holder = holder
  }

  /** Resolves when what is left to be checked is open: LevelDB removes the logs that it has read. */
  async make(): Promise<void> {
    await this.#orAsTheOriginal(copyUnchecked(this.#source, this.path))
    await new Promise<void>((resolve, reject) => {
      this.checked = this.#check(resolve)
      this.checked.then(() => resolve(), reject)
    })
  }

  async open(): Promise<Store> {
    const opening = openCopy(this.#source, this.path, await this.#level)
    const [checked, opened] = await Promise.allSettled([this.checked, opening])
    if (opened.status === 'fulfilled' && checked.status === 'fulfilled') return opened.value
    if (opened.status === 'fulfilled') await opened.value.close()
    // What the check says is more precise, unless it is about a copy that could not be written.
    const failed = checked.status === 'rejected' ? checked.reason : Object(opened).reason
    throw orNoRoom(this.#source, copying(this.path), failed)
  }

  async remove(): Promise<void> {
    await this.checked.catch(() => {})
    if (this.#leavesFiles) return
    await rm(this.path, { recursive: true, force: true })
  }

  async #check(onHeld: () => void): WorkingCopy['checked'] {
    const { tornTail } = await this.#orAsTheOriginal(preflight(this.path, onHeld))
    // Beside an engine it is a write that goes on.
    return this.holder === undefined ? tornTail : undefined
  }

  async #orAsTheOriginal<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      // Beside an engine, files come and go while they are looked at: there the copy alone is checked.
      if (this.holder === undefined) await mustBeSound(this.#source)
      throw ofOriginal(this.#source, error)
    }
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
    const roomless = orNoRoom(source, copying(db.location), cause)
    throw roomless === cause ? corrupt(source, { file: 'CURRENT', offset: 0, why }) : roomless
  }
}
