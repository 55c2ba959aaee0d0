import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Census, WorkflowCensus } from '../inspect/census.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { type Looks, paint } from './looks.ts'
import type { Opened } from './opened.ts'
import { plain } from './plain.ts'
import type { StatsRecord } from './records/stats.ts'
import { shownId } from './run-ref.ts'
import { statusLook } from './status.ts'
import { type Column, table } from './table.ts'
import { isoText, momentIn, tookText } from './times.ts'
import { flowed, fromHere } from './wrap.ts'

/** `perdure stats` */
export function stats(context: Context): Promise<Exit> {
  return context.journal(async opened => {
    const record = await recordOf(opened)
    await context.output.one(record, () => textOf(record, context, opened.place))
    return exit.ok
  })
}

async function recordOf({ source, client, kind, place }: Opened): Promise<StatsRecord> {
  const [about, census] = await Promise.all([source.about(), source.census()])
  const engine = await client?.stats()
  const files = kind === 'file' ? undefined : filesIn(place)
  const workflows = census.workflows.map(workflowStats)
  const { timers, waits, inputs, admission } = census
  return {
    ...{ v: 1, kind: 'stats', journal: about.journal, createdAt: isoText(about.createdAt) },
    ...{ commits: about.commit, at: isoText(about.at) },
    runs: workflows.reduce((sum, { runs }) => sum + runs, 0),
    entries: workflows.reduce((sum, { entries }) => sum + entries, 0),
    status: statusOfAll(census),
    workflows,
    ...{ timers, waits, inputs, admission },
    ...(files !== undefined && { files }),
    ...(engine !== undefined && { engine: { ...engine } }),
  }
}

function statusOfAll({ workflows }: Census): StatsRecord['status'] {
  const all: { [status: string]: number } = {}
  for (const { status } of workflows) {
    for (const [name, count] of Object.entries(status)) all[name] = (all[name] ?? 0) + count
  }
  return all
}

function workflowStats(census: WorkflowCensus): StatsRecord['workflows'][number] {
  const { workflow, status, entries, longest } = census
  const runs = Object.values(status).reduce((sum, count) => sum + count, 0)
  const took = [...census.took].sort((a, b) => a - b)
  const at = (share: number): number => took[Math.ceil(share * took.length) - 1] ?? 0
  return {
    ...{ workflow, runs, entries, status: { ...status }, longest },
    ...(took.length > 0 && {
      took: { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1), of: took.length },
    }),
  }
}

/** The files of a journal, and their bytes; files may come and go meanwhile. */
function filesIn(directory: string): NonNullable<StatsRecord['files']> {
  const files = { count: 0, bytes: 0 }
  for (const name of readdirSync(directory)) {
    const found = statSync(join(directory, name), { throwIfNoEntry: false })
    if (found?.isFile() !== true) continue
    files.count++
    files.bytes += found.size
  }
  return files
}

const COLUMNS: readonly Column[] = [
  { name: 'WORKFLOW' },
  { name: 'RUNS', align: 'right' },
  { name: 'ACTIVE', align: 'right' },
  { name: 'FAILED', align: 'right' },
  { name: 'P50', align: 'right', gives: 3 },
  { name: 'P95', align: 'right', gives: 2 },
  { name: 'MAX', align: 'right', gives: 4 },
  { name: 'ENTRIES', align: 'right', gives: 5 },
  { name: 'LONGEST', gives: 6, grows: true },
]

const ACTIVE: readonly RunStatus[] = ['scheduled', 'running', 'paused', 'parked']

function textOf(record: StatsRecord, { io, output }: Context, place: string): string {
  const { looks } = output
  const rows = record.workflows.map(({ workflow, runs, status, took, entries, longest }) => {
    const active = ACTIVE.reduce((sum, name) => sum + (status[name] ?? 0), 0)
    const failed = status.failed ?? 0
    const span = (ms: number | undefined): string => (ms === undefined ? '-' : tookText(ms))
    return [
      { text: plain(workflow) },
      ...[runs, active].map(count => ({ text: counted(count) })),
      { text: counted(failed), style: failed > 0 ? 'red' : 'reset' } as const,
      ...[took?.p50Ms, took?.p95Ms, took?.maxMs].map(ms => ({ text: span(ms) })),
      { text: counted(entries) },
      { text: `${shownId(plain(longest.run), looks.ascii)} ${counted(longest.entries)}` },
    ]
  })
  const lines = [
    ['runs', runsText(record, looks)],
    ['backlog', facts(backlog(record), looks)],
    ['journal', journal(record, fromHere(place, io.cwd), io.now(), looks)],
    ...(record.engine === undefined ? [] : [['engine', facts(engineText(record.engine), looks)]]),
  ]
  const told = lines.map(
    ([name = '', text = '']) => `${paint(looks, 'dim', name.padEnd(INDENT))}${text}\n`,
  )
  const listed = rows.length === 0 ? '' : `\n${table(COLUMNS, rows, looks)}`
  return told.join('') + listed
}

const counted = (count: number): string => count.toLocaleString('en')

/** Where facts begin; those that do not fit go below. */
const INDENT = 9

const facts = (parts: readonly string[], { columns }: Looks): string =>
  flowed(parts, columns, { between: ', ', indent: INDENT })

function runsText({ runs, status }: StatsRecord, looks: Looks): string {
  const parts = Object.entries(status).map(([name, count]) => {
    const { mark, style } = statusLook(name as RunStatus, looks)
    const told = ` ${counted(count)} ${name}`
    return { text: mark + told, painted: paint(looks, style, mark) + told }
  })
  return flowed([counted(runs), ...parts], looks.columns, { between: '   ', indent: INDENT })
}

const backlog = ({ timers, waits, inputs, admission }: StatsRecord): readonly string[] => [
  several(timers, 'timer'),
  several(waits, 'wait'),
  several(inputs, 'input'),
  `${counted(admission)} under limits`,
]

function journal(record: StatsRecord, place: string, now: number, looks: Looks): string {
  const { files, commits, entries, at } = record
  const parts = [
    ...(files === undefined ? [] : [`${sizeText(files.bytes)} in ${several(files.count, 'file')}`]),
    several(entries, 'entry', 'entries'),
    `${several(commits, 'commit')}, the last ${momentIn(Date.parse(at), now, looks)}`,
  ]
  const [first = '', ...rest] = parts
  return facts([`${plain(place)}: ${first}`, ...rest], looks)
}

/** What an engine tells of itself, in words. */
const TOLD: readonly (readonly [name: string, one: string, many: string])[] = [
  ['resident', 'run resident', 'runs resident'],
  ['runningSteps', 'step running', 'steps running'],
  ['waitingSteps', 'step waiting', 'steps waiting'],
  ['waitingRuns', 'run waiting', 'runs waiting'],
  ['waitingInputs', 'input waiting', 'inputs waiting'],
]

function engineText(engine: NonNullable<StatsRecord['engine']>): readonly string[] {
  const told = TOLD.filter(([name]) => typeof engine[name] === 'number')
  return [
    ...(engine.stopped === true ? ['stopped'] : []),
    ...told.map(([name, one, many]) => several(Number(engine[name]), one, many)),
  ]
}

const several = (count: number, one: string, many = `${one}s`): string =>
  `${counted(count)} ${count === 1 ? one : many}`

export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [size, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
}
