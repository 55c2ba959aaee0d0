import type { Verified } from '../../journal/verify.ts'
import { verify as verifyRows } from '../../journal/verify.ts'
import { verifyDirectory } from '../../journal/verify-directory.ts'
import type { Finding } from '../../journal/verify-report.ts'
import { aside } from './aside.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { journalPlace } from './journal-dir.ts'
import { paint } from './looks.ts'
import { isFile, mustBeThere, withRows } from './opened.ts'
import type { Output } from './output.ts'
import { plain } from './plain.ts'
import { Progress } from './progress.ts'
import type { FindingRecord, VerificationRecord } from './records/verification.ts'
import { withScratch } from './scratch.ts'
import { wrapped } from './wrap.ts'

/** Findings that a document of JSON lists; with -o ndjson there is no end to them. */
const LISTED = 10_000

type Findings = AsyncGenerator<Finding, Verified | undefined>

/** `perdure verify` */
export async function verify(context: Context, dir: string | undefined): Promise<Exit> {
  const { io } = context
  const globals = dir === undefined ? context.globals : { ...context.globals, dir }
  const place = journalPlace(globals, io)
  if (place !== '-') mustBeThere(place)
  const progress = new Progress(context, 'checking')
  const onProgress = (bytes: number): void =>
    progress.at(Math.round(bytes / 1_000), undefined, 'kB')
  if (isFile(place)) {
    return withRows(globals, io, ({ store }) =>
      told(verifyRows(store, { onProgress }), { place, progress, context }),
    )
  }
  return withScratch(io.scratch, scratch =>
    told(verifyDirectory(place, { scratch, onProgress }), { place, progress, context }),
  )
}

interface Telling {
  readonly place: string
  readonly progress: Progress
  readonly context: Context
}

async function told(findings: Findings, { place, progress, context }: Telling): Promise<Exit> {
  const { output } = context
  const listed: Finding[] = []
  let found = 0
  for (;;) {
    const next = await findings.next()
    if (next.done) {
      progress.clear()
      const { value: read } = next
      const record = recordOf(place, found, read)
      if (output.format === 'json') await output.json({ ...record, findings: listed })
      else if (output.format === 'ndjson') await output.json(record)
      return conclude(record, context)
    }
    found++
    progress.clear()
    if (output.format === 'json') {
      if (listed.length < LISTED) listed.push(next.value)
    } else if (output.format === 'ndjson') await output.json(findingOf(next.value))
    else await output.text(linesOf(next.value, output))
  }
}

const findingOf = (finding: Finding): FindingRecord => ({ v: 1, kind: 'finding', ...finding })

function linesOf({ place, what, run }: Finding, { format, looks }: Output): string {
  if (format === 'plain') return `${[place, what, run ?? ''].map(plain).join('\t')}\n`
  const [first = '', ...rest] = wrapped(plain(`${place}: ${what}`), looks.columns, { rest: '  ' })
  return [paint(looks, 'red', first), ...rest].map(line => `${line}\n`).join('')
}

function recordOf(journal: string, found: number, read: Verified | undefined): VerificationRecord {
  const sound = found === 0 && read !== undefined
  return { v: 1, kind: 'verification', journal, sound, found, ...(read !== undefined && { read }) }
}

async function conclude(
  { journal, sound, found, read }: VerificationRecord,
  context: Context,
): Promise<Exit> {
  const { output } = context
  if (sound && read !== undefined) {
    if (!output.isJson)
      await output.text(`${paint(output.looks, 'green', 'sound')}: ${extent(read)}\n`)
    return exit.ok
  }
  if (output.isJson) return exit.damaged
  const where = read === undefined ? 'nothing behind it was read' : `in ${extent(read)}`
  const counted = found === 1 ? '1 finding' : `${found} findings`
  const told = [
    `perdure: damaged: ${counted}; ${where}`,
    '  Nothing was changed. Keep it as it is, copy it before anything else, and restore a backup.',
    `  What can be read goes into a new journal with: perdure salvage ${plain(journal)} --into <new>`,
  ]
  await aside(told, context, 'red')
  return exit.damaged
}

const extent = ({ runs, entries, commits, bytes }: Verified): string =>
  `${runs} runs, ${entries} entries, ${commits} commits, ${bytes} bytes`
