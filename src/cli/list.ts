import type { Head } from '../../journal/head.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { RunQuery } from '../inspect/source.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { momentOf, mustBeStatus } from './filters.ts'
import type { Looks } from './looks.ts'
import type { Opened } from './opened.ts'
import type { Item } from './output.ts'
import type { RunNote } from './run-note.ts'
import { runRecordOf } from './run-record.ts'
import { shownId } from './run-ref.ts'
import { statusLook } from './status.ts'
import type { Cell, Column } from './table.ts'
import { momentIn, tookText } from './times.ts'

export interface ListOptions {
  readonly status?: readonly string[]
  readonly workflow?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
}

const LIMIT = 50

const COLUMNS: readonly Column[] = [
  { name: '' },
  { name: 'RUN' },
  { name: 'WORKFLOW' },
  { name: 'STATUS', gives: 1 },
  { name: 'STARTED', gives: 2 },
  { name: 'TOOK', align: 'right', gives: 4 },
  { name: 'STEPS', align: 'right', gives: 5 },
  { name: 'NOTE', gives: 3, grows: true },
]

/** `perdure list` */
export function list(context: Context, options: ListOptions): Promise<Exit> {
  const query = queryOf(options, context.io.now())
  return context.journal(async opened => {
    const shown: Shown = { count: 0, failed: 0, more: false }
    await context.output.list('run', items(query, shown, opened, context), COLUMNS)
    await summary(shown, options, opened, context)
    return exit.ok
  })
}

/** What a list has shown, and whether there is more. */
interface Shown {
  count: number
  failed: number
  more: boolean
}

async function* items(
  query: RunQuery & { readonly limit: number },
  shown: Shown,
  { source }: Opened,
  { io, output }: Context,
): AsyncGenerator<Item> {
  const { noteOf } = await import('./run-note.ts')
  for await (const page of source.listed(query)) {
    for (const { head, gist } of page) {
      shown.more = shown.count === query.limit - 1
      if (shown.more) return
      shown.count++
      if (head.status === 'failed') shown.failed++
      const told = noteOf(head, gist)
      const steps = { ...(told.steps !== undefined && { steps: told.steps }) }
      const note = { ...(told.text !== '' && { note: told.text }) }
      yield {
        record: { ...runRecordOf(head), ...steps, ...note },
        cells: () => cellsOf(head, told, io.now(), output.looks),
      }
    }
  }
}

function cellsOf(head: Head, note: RunNote, now: number, looks: Looks): readonly Cell[] {
  const { run, workflow, status, createdAt, outcome } = head
  const { mark, style } = statusLook(status, looks)
  return [
    { text: mark, style },
    { text: shownId(run, looks.ascii), style: 'bold' },
    { text: workflow },
    { text: status, style },
    { text: momentIn(createdAt, now, looks) },
    { text: tookText((outcome?.at ?? now) - createdAt) },
    { text: note.steps === undefined ? '-' : String(note.steps) },
    { text: note.text, ...(hasTrouble(status) && { style: 'red' }) },
  ]
}

const hasTrouble = (status: RunStatus): boolean => status === 'failed' || status === 'parked'

/** One more than is shown is asked for: so it shows whether there are more. */
function queryOf(options: ListOptions, now: number): RunQuery & { readonly limit: number } {
  const { status, workflow, limit = LIMIT } = options
  const since = momentOf('--since', options.since, now)
  const until = momentOf('--until', options.until, now)
  return {
    order: 'newest',
    limit: limit + 1,
    ...(status !== undefined && { status: status.map(mustBeStatus) }),
    ...(workflow !== undefined && { workflow }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
}

/** An empty list says why it is empty; a cut one how to see more. */
async function summary(
  { count, failed, more }: Shown,
  options: ListOptions,
  { source }: Opened,
  context: Context,
): Promise<void> {
  if (count > 0) {
    const counted = count === 1 ? '1 run' : `${count} runs`
    const told = [counted, ...(failed > 0 ? [`${failed} failed`] : [])]
    if (more) told.push(`there are more: --limit ${count * 2}`)
    return context.tell(told.join(' · '))
  }
  const { workflows } = await source.census()
  const total = workflows
    .flatMap(({ status }) => Object.values(status))
    .reduce((sum, count) => sum + count, 0)
  const asked = Object.keys(options).length > 0
  if (total === 0) return context.tell('There are no runs in this journal.')
  const there = total === 1 ? 'There is 1 run' : `There are ${total} runs`
  await context.tell(`No runs ${asked ? 'match' : 'are shown'}. ${there}: perdure list`)
}
