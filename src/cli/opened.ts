import { statSync } from 'node:fs'
import { PerdureError } from '../../journal/error.ts'
import { describeHolder } from '../../journal/leveldb/holder.ts'
import type { OpenedReader } from '../../journal/open-reader.ts'
import { connect, type EngineClient } from '../control/engine-client.ts'
import type { Source } from '../inspect/source.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { journalPlace } from './journal-dir.ts'
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
  if (isFile(place)) return withDump(place, io, work)
  const client = globals.snapshot ? undefined : await attached(place, io)
  if (client === undefined) return withCopy(place, io, work)
  try {
    return await work({ source: client, kind: 'attached', place, client, reader: undefined })
  } finally {
    await client.close()
  }
}

/** The engine that has the journal; throws ENGINE_ABSENT if none has. */
export async function withEngine<Result>(
  globals: Globals,
  io: Io,
  work: (client: EngineClient) => Promise<Result>,
): Promise<Result> {
  const place = journalPlace(globals, io)
  const client = isFile(place) ? undefined : await connect(place)
  if (client === undefined) {
    throw new UsageError('ENGINE_ABSENT', `No engine has the journal ${place} open.`, {
      hint: 'Start your application, and try again: what is asked of a run is done by its engine.',
      facts: { place },
    })
  }
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

// An engine that stands still has its directory nonetheless: a copy tells what is in it.
async function attached(place: string, io: Io): Promise<EngineClient | undefined> {
  try {
    return await connect(place)
  } catch (error) {
    if (!(error instanceof PerdureError) || error.code !== 'JOURNAL_BUSY') throw error
    await io.err.write(`perdure: ${error.message} A copy is read instead.\n`)
    return undefined
  }
}

/** A copy of the journal, to read its rows: whoever takes all of it must not hold up an engine. */
export function withRows<Result>(
  globals: Globals,
  io: Io,
  work: (opened: OpenedReader, place: string) => Promise<Result>,
): Promise<Result> {
  const place = journalPlace(globals, io)
  return withCopy(place, io, ({ reader }) => {
    if (reader === undefined) throw new Error('a copy has rows')
    return work(reader, place)
  })
}

function withCopy<Result>(
  place: string,
  io: Io,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  return withScratch(io.scratch, async scratch => {
    // Late: whoever asks an engine needs no LevelDB.
    const [{ openReader }, { StoredSource }] = await Promise.all([
      import('../../journal/open-reader.ts'),
      import('../inspect/stored-source.ts'),
    ])
    const reader = await openReader(place, { scratch })
    try {
      await notice(reader, io)
      const source = new StoredSource(reader.reader, () => reader.tip)
      return await work({ source, kind: 'snapshot', place, client: undefined, reader })
    } finally {
      await reader.close()
    }
  })
}

async function withDump<Result>(
  place: string,
  _io: Io,
  _work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  throw new UsageError('USAGE_INVALID', `${place} is no directory.`, {
    hint: 'Name the directory of a journal.',
  })
}

function isFile(place: string): boolean {
  if (place === '-') return true
  try {
    return statSync(place).isFile()
  } catch {
    // Whatever is wrong with it, whoever opens it as a directory says it.
    return false
  }
}

/** What a reader should know of the journal that is not in it. */
async function notice({ holder, tornTail, tip }: OpenedReader, io: Io): Promise<void> {
  if (holder !== undefined) {
    const as = `as it was at commit ${tip?.commit ?? 0}`
    await io.err.write(`perdure: read ${as}, beside ${describeHolder(holder)}\n`)
  }
  if (tornTail !== undefined) {
    const { file, offset, bytes } = tornTail
    await io.err.write(
      `perdure: a crash cut a write short that was not acknowledged: ${file}, byte ${offset}, ${bytes} bytes\n`,
    )
  }
}
