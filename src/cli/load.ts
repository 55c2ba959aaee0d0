import { createReadStream, existsSync, type Stats, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { loadInMemory, load as loadInto } from '../../journal/load.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { plain } from './plain.ts'
import { Progress } from './progress.ts'
import type { LoadedRecord } from './records/loaded.ts'
import { UsageError } from './usage.ts'
import { fromHere } from './wrap.ts'

export interface LoadCommandOptions {
  readonly into: string
  readonly dryRun?: boolean
}

type Loaded = Omit<LoadedRecord, 'v' | 'kind' | 'into' | 'dryRun'>

/** `perdure load` */
export async function load(
  context: Context,
  file: string,
  { into: where, dryRun = false }: LoadCommandOptions,
): Promise<Exit> {
  const { io, output } = context
  const into = resolve(io.cwd, where)
  const dump = open(file, context)
  const progress = new Progress(context, 'loading')
  const options = { name: dump.name, onProgress: (entries: number) => dump.tell(progress, entries) }
  let loaded: Loaded
  try {
    loaded = dryRun
      ? await previewed(dump.pieces, into, options)
      : await loadInto(dump.pieces, { ...options, into, now: io.now() })
  } finally {
    progress.clear()
    dump.pieces.destroy()
  }
  const record: LoadedRecord = { v: 1, kind: 'loaded', into, dryRun, ...loaded }
  await output.one(record, () => fromHere(textOf(record), io.cwd))
  await context.tell(nextOf(record))
  return exit.ok
}

interface OpenDump {
  readonly name: string
  readonly pieces: Readable
  tell(progress: Progress, entries: number): void
}

/** Of a file it is known how much there is to read. */
function open(file: string, { io }: Context): OpenDump {
  if (file === '-') {
    const tell = (progress: Progress, entries: number) => progress.at(entries, undefined, 'entries')
    return { name: 'What came from stdin', pieces: io.input, tell }
  }
  const path = resolve(io.cwd, file)
  const found = statOf(path)
  if (found === undefined || !found.isFile()) {
    const what = found === undefined ? 'There is no file' : 'It is no file:'
    throw new UsageError(found === undefined ? 'NOT_FOUND' : 'USAGE_INVALID', `${what} ${path}`, {
      hint: 'Name what `perdure dump <dir> --json` wrote, or - for stdin.',
      facts: { path },
    })
  }
  const pieces = createReadStream(path)
  const kB = (bytes: number): number => Math.round(bytes / 1_000)
  const tell = (progress: Progress) => progress.at(kB(pieces.bytesRead), kB(found.size), 'kB')
  return { name: file, pieces, tell }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    // It is too long, behind a file, or no path at all: there is none.
    return undefined
  }
}

/** All that loading checks, but that nothing is written. */
async function previewed(
  pieces: Readable,
  into: string,
  options: Parameters<typeof loadInMemory>[1],
): Promise<Loaded> {
  if (existsSync(into) && (await readdir(into)).length > 0) {
    throw new UsageError('USAGE_INVALID', `${into} is not empty.`, {
      hint: 'Name an empty directory, or one that does not exist yet: nothing is ever loaded over a journal.',
      facts: { into },
    })
  }
  const { header, reader, tip, close } = await loadInMemory(pieces, options)
  try {
    const counted = { runs: 0, entries: 0 }
    for (const which of ['active', 'ended'] as const) {
      for await (const { seq } of reader.heads(which)) {
        counted.runs++
        counted.entries += seq
      }
    }
    const part = header.run !== undefined && { run: header.run }
    return { journal: header.journal, ...counted, commit: tip?.commit ?? 0, ...part }
  } finally {
    await close()
  }
}

function textOf({ dryRun, runs, entries, into }: LoadedRecord): string {
  const counted = `${runs === 1 ? '1 run' : `${runs} runs`}, ${entries} entries`
  return `${dryRun ? 'would load' : 'loaded'} ${counted} into ${plain(into)}\n`
}

function nextOf({ dryRun, run }: LoadedRecord): string {
  if (dryRun) return 'Nothing was written. Leave out --dry-run to load it.'
  if (run !== undefined) {
    return `It is one run alone, ${plain(run)}: look at it, but let no engine run it.`
  }
  return 'It is a copy of the journal, with the same idempotency keys: let only one of the two run.'
}
