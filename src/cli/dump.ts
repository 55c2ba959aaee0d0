import { dump as ndjson } from '../../journal/dump.ts'
import type { Head } from '../../journal/head.ts'
import { describeHolder } from '../../journal/leveldb/holder.ts'
import { type OpenedReader, openReader } from '../../journal/open-reader.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { readPages } from '../../journal/run-pages.ts'
import { type Exit, exit } from './exit.ts'
import type { Io } from './io.ts'
import { plain } from './plain.ts'
import { withScratch } from './scratch.ts'
import { Story } from './story.ts'

export interface DumpCommandOptions {
  readonly run?: string
  readonly json?: true
  readonly as?: 'vitest'
  /** `all`, or paths of keys, for `as`. */
  readonly redact?: string
}

/** `perdure dump <dir>` */
export function dump(dir: string, options: DumpCommandOptions, io: Io): Promise<Exit> {
  return withScratch(io.scratch, async scratch => {
    const opened = await openReader(dir, { scratch })
    try {
      await notice(opened, io)
      const { run } = options
      const head = run === undefined ? undefined : await opened.reader.head(run)
      if (run !== undefined && head === undefined) return await noSuchRun(dir, run, io)
      if (head !== undefined && options.as === 'vitest')
        return await asVitest(opened, head, options, io)
      const text = options.json ? ndjson(opened, options) : stories(opened, run, io)
      for await (const piece of text) {
        await io.out.write(piece)
        if (io.out.isClosed) break
      }
      return exit.ok
    } finally {
      await opened.close()
    }
  })
}

async function asVitest(
  { reader }: OpenedReader,
  head: Head,
  { redact }: DumpCommandOptions,
  io: Io,
): Promise<Exit> {
  const { testFile } = await import('./as-vitest/test-file.ts')
  const { neverBegan } = await import('./as-vitest/before.ts')
  const records: StoredRecord[] = []
  for await (const record of reader.records(head)) records.push(record)
  const why = neverBegan(head, records)
  if (why !== undefined) {
    await io.err.write(
      `perdure: Run ${plain(head.run)} cannot be played again: ${plain(why)}.\n` +
        '  Its code was never called. `perdure dump --run` tells its story.\n',
    )
    return exit.refused
  }
  await io.out.write(testFile(head, records, redact === undefined ? {} : { redact }))
  return exit.ok
}

async function* stories(
  { store }: OpenedReader,
  run: string | undefined,
  io: Io,
): AsyncGenerator<string> {
  let story: Story | undefined
  for await (const pages of readPages(store, run)) {
    let text = ''
    for (const { head, records } of pages) {
      if (story === undefined || records[0]?.seq === 0) {
        text += story === undefined ? '' : '\n'
        story = new Story(head, io)
        text += story.title
      }
      for (const record of records) text += story.lines(record)
    }
    yield text
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

async function noSuchRun(dir: string, run: string, io: Io): Promise<Exit> {
  await io.err.write(
    `perdure: There is no run ${plain(JSON.stringify(run))} in ${plain(dir)}.\n` +
      '  Look for its id with `perdure dump`; runs are removed a while after they ended.\n',
  )
  return exit.notFound
}
