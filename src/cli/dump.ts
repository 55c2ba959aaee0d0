import { randomBytes } from 'node:crypto'
import { dump as ndjson } from '../../journal/dump.ts'
import { JournalError, saysNoSuchRun } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { OpenedReader } from '../../journal/open-reader.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { readPages } from '../../journal/run-pages.ts'
import { withMaskedLimits } from '../inspect/masked-limit.ts'
import { noSecrets, Secrets } from '../inspect/secrets.ts'
import { StoredSource } from '../inspect/stored-source.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { withRows } from './opened.ts'
import { Progress } from './progress.ts'
import { runNamed } from './run-ref.ts'
import { short } from './short.ts'
import { Story } from './story.ts'
import { UsageError } from './usage.ts'

export interface DumpCommandOptions {
  readonly run?: string
  readonly as?: 'vitest'
  /** `all`, or paths of keys, for `as`. */
  readonly redact?: string
  readonly anonymize?: true
}

/** `perdure dump` */
export function dump(
  context: Context,
  dir: string | undefined,
  options: DumpCommandOptions,
): Promise<Exit> {
  const { io, globals, output } = context
  return withRows(dir === undefined ? globals : { ...globals, dir }, io, async (opened, place) => {
    const { run: ref } = options
    const head = ref === undefined ? undefined : await headOf(ref, opened, place)
    if (head !== undefined && options.as === 'vitest')
      return asVitest(opened, head, options, context)
    const only = head === undefined ? {} : { run: head.run }
    // Nobody can tell what stands behind the fakes: what they are derived from is forgotten.
    const fakes = options.anonymize && { anonymize: randomBytes(16).toString('hex') }
    const isJson = output.isJson || options.anonymize === true
    const text = isJson
      ? ndjson(opened, { ...only, ...fakes })
      : stories(opened, head?.run, context)
    await written(text, context)
    if (opened.lostTail !== undefined) throw opened.lostTail
    return exit.ok
  })
}

async function written(text: AsyncIterable<string>, context: Context): Promise<void> {
  const { io } = context
  // Where the dump itself is looked at, it is the progress.
  const progress = io.out.isTerminal ? undefined : new Progress(context, 'dumping')
  let length = 0
  try {
    for await (const piece of text) {
      await io.out.write(piece)
      length += piece.length
      progress?.at(Math.round(length / 1_000), undefined, 'kB')
      if (io.out.isClosed) break
    }
  } finally {
    progress?.clear()
  }
}

async function headOf(ref: string, { reader, tip }: OpenedReader, place: string): Promise<Head> {
  try {
    return await runNamed(ref, new StoredSource(reader, () => tip))
  } catch (cause) {
    if (!saysNoSuchRun(cause)) throw cause
    const what = `There is no run ${JSON.stringify(ref)} in ${place}.`
    throw new JournalError('RUN_NOT_FOUND', what, {
      hint: 'Look for its id with `perdure dump`; runs are removed a while after they ended.',
      facts: { run: ref, place },
      cause,
    })
  }
}

async function asVitest(
  { reader }: OpenedReader,
  head: Head,
  { redact }: DumpCommandOptions,
  context: Context,
): Promise<Exit> {
  const { testFile } = await import('./as-vitest/test-file.ts')
  const { neverBegan } = await import('./as-vitest/before.ts')
  const records: StoredRecord[] = []
  for await (const record of reader.records(head)) records.push(record)
  const why = neverBegan(head, records)
  if (why !== undefined) {
    throw new UsageError('USAGE_INVALID', `Run ${head.run} cannot be played again: ${why}.`, {
      hint: 'Its code was never called. `perdure dump --run` tells its story.',
      facts: { run: head.run, why },
    })
  }
  await context.io.out.write(testFile(head, records, redact === undefined ? {} : { redact }))
  return exit.ok
}

async function* stories(
  { store, meta }: OpenedReader,
  run: string | undefined,
  { output, globals }: Context,
): AsyncGenerator<string> {
  const secrets = globals.showSecrets ? noSecrets : new Secrets(meta.secrets)
  let story: Story | undefined
  for await (const pages of readPages(store, run)) {
    let text = ''
    for (const { head, records } of pages) {
      if (story === undefined || records[0]?.seq === 0) {
        text += story === undefined ? '' : '\n'
        story = new Story(head, {
          ...output.looks,
          short: (bytes, of) => short(bytes, secrets, of),
          hidden: entry => withMaskedLimits(entry, secrets),
        })
        text += story.title
      }
      for (const record of records) text += story.lines(record)
    }
    yield text
  }
}
