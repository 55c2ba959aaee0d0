import { saysNoSuchRun } from '../../journal/error.ts'
import type { StoredWait } from '../../journal/event-reader.ts'
import type { Ledger } from '../../journal/ledger.ts'
import { globOf } from '../inspect/run-query.ts'
import type { About, Source } from '../inspect/source.ts'
import { conditionText } from './condition-text.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { foldRun } from './fold-run.ts'
import type { Item } from './output.ts'
import type { WaitRecord } from './records/wait.ts'
import { shownId } from './run-ref.ts'
import type { Cell, Column } from './table.ts'
import { wallTime } from './timers.ts'
import { isoText, momentIn } from './times.ts'

export interface WaitsOptions {
  readonly event?: string
  readonly workflow?: string
  readonly limit?: number
}

const LIMIT = 50

const COLUMNS: readonly Column[] = [
  { name: 'RUN' },
  { name: 'WORKFLOW', gives: 1 },
  { name: 'STEP', gives: 3 },
  { name: 'SINCE', gives: 4 },
  { name: 'UNTIL', gives: 2 },
  { name: 'EVENT', grows: true },
]

/** `perdure waits` */
export function waits(context: Context, options: WaitsOptions): Promise<Exit> {
  return context.journal(async ({ source }) => {
    const found = new Found(options.limit ?? LIMIT)
    await context.output.list('wait', items(source, context, options, found), COLUMNS)
    await context.tell(summary(found, options))
    return exit.ok
  })
}

class Found {
  readonly limit: number
  shown = 0
  hasMore = false

  constructor(limit: number) {
    this.limit = limit
  }
}

async function* items(
  source: Source,
  context: Context,
  { event, workflow }: WaitsOptions,
  found: Found,
): AsyncGenerator<Item> {
  const about = await source.about()
  const isNamed = event === undefined ? undefined : globOf(event)
  const isOf = workflow === undefined ? undefined : globOf(workflow)
  for await (const page of source.waits()) {
    for (const wait of page) {
      if (isNamed !== undefined && !wait.on.some(({ event }) => isNamed(event))) continue
      const record = await recordOf(wait, source, about, context)
      if (record === undefined || isOf?.(record.workflow) === false) continue
      if (found.shown === found.limit) {
        found.hasMore = true
        return
      }
      found.shown++
      yield { record, cells: () => cellsOf(record, context) }
    }
  }
}

async function recordOf(
  { run, seq, kind, on }: StoredWait,
  source: Source,
  about: About,
  { secrets }: Context,
): Promise<WaitRecord | undefined> {
  const began: { at?: number } = {}
  const ledger = await foldRun(run, source, record => {
    if (record.seq <= seq && seq < record.seq + record.entries.length) began.at = record.at
  }).catch((error): Ledger | undefined => {
    // It was removed since.
    if (saysNoSuchRun(error)) return undefined
    throw error
  })
  if (ledger === undefined) return undefined
  const open = ledger.open.get(seq)
  const due = open?.kind === 'wait' ? open.due : undefined
  return {
    ...{ v: 1, kind: 'wait', run, workflow: ledger.workflow, seq, for: kind },
    ...(open !== undefined && open.id !== '' && { id: open.id }),
    on: on.map(listener => {
      const condition = conditionText(listener, secrets)
      return {
        event: listener.event,
        ...(condition !== undefined && { if: condition }),
        ...(listener.until !== undefined && { until: isoText(listener.until) }),
      }
    }),
    ...(began.at !== undefined && { since: isoText(began.at) }),
    ...(due !== undefined && { until: isoText(wallTime({ clock: 'elapsed', due }, about)) }),
  }
}

function cellsOf(record: WaitRecord, { io, output }: Context): readonly Cell[] {
  const { run, workflow, id, since, until, on } = record
  const moment = (iso: string | undefined): string =>
    iso === undefined ? '-' : momentIn(Date.parse(iso), io.now(), output.looks)
  const events = on.map(heard)
  const cancels = record.for === 'cancel' ? '(cancels) ' : ''
  const texts = [workflow, id ?? '-', moment(since), moment(until), cancels + events.join(', ')]
  const name = { text: shownId(run, output.looks.ascii), style: 'bold' } as const
  return [name, ...texts.map(text => ({ text }))]
}

function heard({ event, if: condition }: WaitRecord['on'][number]): string {
  const [, signal] = (event === 'perdure/signal' && SIGNAL.exec(condition ?? '')) || []
  if (signal !== undefined) return `signal ${signal}`
  return condition === undefined ? event : `${event} if ${condition}`
}

const SIGNAL = /^async\.data\.signal == "([^"\\]+)"$/

function summary({ shown, hasMore, limit }: Found, options: WaitsOptions): string {
  const asked = options.event !== undefined || options.workflow !== undefined
  if (shown === 0) return asked ? 'No run waits for such events.' : 'No run waits for an event.'
  const counted = shown === 1 ? '1 wait' : `${shown} waits`
  return hasMore ? `${counted}, and there are more: --limit ${limit * 2}` : counted
}
