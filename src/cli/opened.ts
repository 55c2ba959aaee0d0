import { createReadStream, existsSync, statSync } from 'node:fs'
import { type JournalError, PerdureError } from '../../journal/error.ts'
import { describeHolder } from '../../journal/leveldb/holder.ts'
import type { OpenedReader } from '../../journal/open-reader.ts'
import type { EngineClient } from '../control/engine-client.ts'
import type { Source } from '../inspect/source.ts'
import { aside } from './aside.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { journalPlace } from './journal-dir.ts'
import { plain } from './plain.ts'
import { withScratch } from './scratch.ts'
import { UsageError } from './usage.ts'

/** A journal that can be read, wherever it is. */
export interface Opened {
  readonly source: Source
  /** `attached`: an engine answers; `snapshot`: a copy of its directory; `file`: a dump. */
  readonly kind: 'attached' | 'snapshot' | 'file'
  readonly place: string
  /** The engine, if one answers. */
  readonly client: EngineClient | undefined
  /** The rows, where there is no engine between. */
  readonly reader: OpenedReader | undefined
}

/** Opens the journal that the flags name, for as long as the work takes. */
export async function withJournal<Result>(
  globals: Globals,
  io: Io,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const place = journalPlace(globals, io)
  if (isFile(place)) return withDump(place, globals, io, work)
  mustBeThere(place)
  const client = globals.snapshot ? undefined : await attached(place, globals, io)
  if (client === undefined) return withCopy(place, globals, io, work)
  try {
    return await work({ source: client, kind: 'attached', place, client, reader: undefined })
  } finally {
    await client.close()
  }
}

/** The engine that has the journal. If none has, `instead` is done, or it throws ENGINE_ABSENT. */
export async function withEngine<Result>(
  globals: Globals,
  io: Io,
  work: (client: EngineClient) => Promise<Result>,
  instead?: (place: string) => Promise<Result>,
): Promise<Result> {
  const place = journalPlace(globals, io)
  mustBeThere(place)
  const client = isFile(place) ? undefined : await connected(place)
  if (client === undefined && instead !== undefined && !isFile(place)) return instead(place)
  if (client === undefined) {
    throw new UsageError('ENGINE_ABSENT', `No engine has the journal ${place} open.`, {
      hint:
        'Start your application, and try again: what is asked of a run is done by its engine. ' +
        'start, send and signal open one themselves, given --code <module> with your workflows.',
      facts: { place },
    })
  }
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

/** As `connect`, which is loaded only if there is an engine. */
async function connected(place: string): Promise<EngineClient | undefined> {
  const { dialOwner } = await import('../control/dial.ts')
  const client = await dialOwner(place)
  if (client === undefined) return undefined
  const { EngineClient } = await import('../control/engine-client.ts')
  return new EngineClient(client)
}

// An engine that stands still has its directory nonetheless: a copy tells what is in it.
async function attached(
  place: string,
  globals: Globals,
  io: Io,
): Promise<EngineClient | undefined> {
  try {
    return await connected(place)
  } catch (error) {
    if (!(error instanceof PerdureError) || error.code !== 'JOURNAL_BUSY') throw error
    await aside([`perdure: ${plain(error.message)} A copy is read instead.`], { io, globals })
    return undefined
  }
}

/** The rows of a copy, or of a dump: whoever takes all of it must not hold up an engine. */
export function withRows<Result>(
  globals: Globals,
  io: Io,
  work: (opened: OpenedReader, place: string) => Promise<Result>,
): Promise<Result> {
  const place = journalPlace(globals, io)
  const read = ({ reader }: Opened): Promise<Result> => {
    if (reader === undefined) throw new Error('a copy has rows')
    return work(reader, place)
  }
  return isFile(place) ? withDump(place, globals, io, read) : withCopy(place, globals, io, read)
}

function withCopy<Result>(
  place: string,
  globals: Globals,
  io: Io,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  mustBeThere(place)
  return withScratch(io.scratch, async scratch => {
    // Late: whoever asks an engine needs no LevelDB.
    const { openReader } = await import('../../journal/open-reader.ts')
    const reader = await openReader(place, { scratch, leavesFiles: true })
    const { StoredSource } = await import('../inspect/stored-source.ts')
    try {
      await aside(noticesOf(reader), { io, globals })
      const source = new StoredSource(reader.reader, () => reader.tip)
      return await work({ source, kind: 'snapshot', place, client: undefined, reader })
    } finally {
      await reader.close()
    }
  })
}

async function withDump<Result>(
  place: string,
  globals: Globals,
  io: Io,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const [{ loadInMemory }, { StoredSource }, { Progress }] = await Promise.all([
    import('../../journal/load.ts'),
    import('../inspect/stored-source.ts'),
    import('./progress.ts'),
  ])
  const progress = new Progress({ io, globals }, 'reading')
  const fromInput = place === '-'
  const reader = await loadInMemory(fromInput ? io.input : createReadStream(place), {
    name: fromInput ? 'What came from stdin' : place,
    onProgress: entries => progress.at(entries, undefined, 'entries'),
  }).finally(() => progress.clear())
  try {
    const { run } = reader.header
    if (run !== undefined) {
      await aside([`perdure: a dump of one run alone: ${plain(run)}`], { io, globals })
    }
    const source = new StoredSource(reader.reader, () => reader.tip)
    return await work({ source, kind: 'file', place, client: undefined, reader })
  } finally {
    await reader.close()
  }
}

/** Whether it is a dump rather than a directory: a file, or `-` for what comes from stdin. */
export function isFile(place: string): boolean {
  if (place === '-') return true
  try {
    return statSync(place).isFile()
  } catch {
    // Whatever is wrong with it, whoever opens it as a directory says it.
    return false
  }
}

/** Throws NOT_FOUND. */
export function mustBeThere(place: string): void {
  if (existsSync(place)) return
  throw new UsageError('NOT_FOUND', `There is no journal ${place}.`, {
    hint: 'Name the directory of one, or a dump: -d ./data.',
    facts: { place },
  })
}

/** What a reader should know of the journal that is not in it. */
function noticesOf({ holder, tornTail, lostTail, tip }: OpenedReader): readonly string[] {
  const lines: string[] = []
  if (holder !== undefined) {
    const as = `as it was at commit ${tip?.commit ?? 0}`
    lines.push(`perdure: read ${as}, beside ${describeHolder(holder)}`)
  }
  if (lostTail !== undefined) lines.push(...lostLines(lostTail))
  if (tornTail !== undefined) {
    const { file, offset, bytes } = tornTail
    const what =
      lostTail === undefined
        ? 'a crash cut a write short that was not acknowledged'
        : 'the log was cut'
    lines.push(`perdure: ${what}: ${file}, byte ${offset}, ${bytes} bytes`)
  }
  return lines
}

/** It is told wherever something is read: what is shown is not all that there was. */
function lostLines({ code, message, facts }: JournalError): readonly string[] {
  if (code !== 'JOURNAL_TAIL_LOST') {
    return [`perdure: ${plain(message)}. Whether its end is missing cannot be told.`]
  }
  const lost = Number(facts.lost)
  const counted = lost === 1 ? '1 commit is missing' : `${lost} commits are missing`
  const missing = lost > 0 ? `At least ${counted}` : 'It is not the commit that was acknowledged'
  return [
    `perdure: ${plain(message)} ${missing}.`,
    '  What is shown is what is left. perdure explain JOURNAL_TAIL_LOST says what to do.',
  ]
}
