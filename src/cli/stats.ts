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
    ['runs', `${counted(record.runs)}   ${statuses(record, looks)}`],
    ['backlog', backlog(record)],
    ['journal', journal(record, place, momentIn(Date.parse(record.at), io.now(), looks))],
    ...(record.engine === undefined ? [] : [['engine', engineText(record.engine)]]),
  ]
  const told = lines.map(
    ([name = '', text = '']) => `${paint(looks, 'dim', name.padEnd(9))}${text}\n`,
  )
  const listed = rows.length === 0 ? '' : `\n${table(COLUMNS, rows, looks)}`
  return told.join('') + listed
}

const counted = (count: number): string => count.toLocaleString('en')

function statuses({ status }: StatsRecord, looks: Looks): string {
  const told: string[] = []
  for (const [name, count] of Object.entries(status)) {
    const { mark, style } = statusLook(name as RunStatus, looks)
    told.push(`${paint(looks, style, mark)} ${counted(count)} ${name}`)
  }
  return told.join('   ')
}

const backlog = ({ timers, waits, inputs, admission }: StatsRecord): string =>
  [
    `${counted(timers)} timers`,
    `${counted(waits)} waits`,
    `${counted(inputs)} inputs`,
    `${counted(admission)} under limits`,
  ].join(', ')

function journal({ files, commits, entries }: StatsRecord, place: string, at: string): string {
  const size = files === undefined ? '' : `${sizeText(files.bytes)} in ${files.count} files, `
  return `${plain(place)}: ${size}${counted(entries)} entries, ${counted(commits)} commits, the last ${at}`
}

function engineText(engine: NonNullable<StatsRecord['engine']>): string {
  const told = ['resident', 'runningSteps', 'waitingSteps', 'waitingRuns', 'waitingInputs']
    .filter(name => typeof engine[name] === 'number')
    .map(
      name =>
        `${counted(Number(engine[name]))} ${name.replace(/[A-Z]/g, big => ` ${big.toLowerCase()}`)}`,
    )
  return `${engine.stopped === true ? 'stopped, ' : ''}${told.join(', ')}`
}

export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [size, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
}
