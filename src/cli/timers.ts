import { saysNoSuchRun } from '../../journal/error.ts'
import type { TimerKey } from '../../journal/keys.ts'
import type { Ledger } from '../../journal/ledger.ts'
import type { About, Source } from '../inspect/source.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { spanOf } from './filters.ts'
import { foldRun } from './fold-run.ts'
import type { Item } from './output.ts'
import type { TimerRecord } from './records/timer.ts'
import { shownId } from './run-ref.ts'
import type { Column } from './table.ts'
import { isoText, momentIn } from './times.ts'

export interface TimersOptions {
  readonly next?: string
  readonly limit?: number
}

const LIMIT = 50

const COLUMNS: readonly Column[] = [
  { name: 'DUE' },
  { name: 'RUN' },
  { name: 'WORKFLOW', gives: 1 },
  { name: 'OF', gives: 2 },
  { name: 'STEP', gives: 3, grows: true },
]

/** `perdure timers` */
export function timers(context: Context, options: TimersOptions): Promise<Exit> {
  const { io, output } = context
  const { limit = LIMIT } = options
  const within = spanOf('--next', options.next)
  const before = within === undefined ? Number.POSITIVE_INFINITY : io.now() + within
  return context.journal(async ({ source }) => {
    const about = await source.about()
    const { first, count } = await firstDue(source, about, before, limit)
    async function* items(): AsyncGenerator<Item> {
      const ledgers = new Map<string, Ledger | undefined>()
      for (const timer of first) {
        const record = recordOf(timer, await ledgerOf(timer.run, source, ledgers))
        const { run, workflow, of, id = '' } = record
        const due = momentIn(timer.at, io.now(), output.looks)
        const name = { text: shownId(run, output.looks.ascii), style: 'bold' } as const
        const rest = [workflow, of, id].map(text => ({ text }))
        yield { record, cells: () => [{ text: due }, name, ...rest] }
      }
    }
    await output.list('timer', items(), COLUMNS)
    await context.tell(summary(first.length, count, options))
    return exit.ok
  })
}

/** A timer with its due time by the wall clock. */
type Timer = TimerKey & { readonly at: number }

/** Those that are due first, and how many there are. */
async function firstDue(
  source: Source,
  about: About,
  before: number,
  limit: number,
): Promise<{ readonly first: readonly Timer[]; readonly count: number }> {
  const kept: { [Clock in TimerKey['clock']]: Timer[] } = { wall: [], elapsed: [] }
  let count = 0
  for await (const page of source.timers()) {
    for (const timer of page) {
      const at = wallTime(timer, about)
      if (at >= before) continue
      count++
      // Each clock's come in order.
      const { [timer.clock]: same } = kept
      if (same.length < limit) same.push({ ...timer, at })
    }
  }
  const first = [...kept.wall, ...kept.elapsed].sort((a, b) => a.at - b.at).slice(0, limit)
  return { first, count }
}

/** When something is due by the wall clock, as long as that does not jump. */
export const wallTime = (
  { clock, due }: { readonly clock: TimerKey['clock']; readonly due: number },
  { at, elapsed }: Pick<About, 'at' | 'elapsed'>,
): number => (clock === 'wall' ? due : at + (due - elapsed))

async function ledgerOf(
  run: string,
  source: Source,
  known: Map<string, Ledger | undefined>,
): Promise<Ledger | undefined> {
  if (!known.has(run)) {
    const ledger = await foldRun(run, source).catch(error => {
      // It was removed since.
      if (saysNoSuchRun(error)) return undefined
      throw error
    })
    known.set(run, ledger)
  }
  return known.get(run)
}

function recordOf({ run, seq, clock, at }: Timer, ledger: Ledger | undefined): TimerRecord {
  const open = ledger?.open.get(seq)
  return {
    ...{ v: 1, kind: 'timer', run, workflow: ledger?.workflow ?? '', seq },
    ...{ due: isoText(at), clock, of: kindOf(open?.kind) },
    ...(open !== undefined && open.id !== '' && { id: open.id }),
  }
}

function kindOf(kind: string | undefined): TimerRecord['of'] {
  switch (kind) {
    case 'sleep':
    case 'step-backoff':
    case 'code-backoff':
    case 'start':
    case 'wait':
    case 'child':
    case 'gather':
    case 'deadline':
      return kind
    default:
      // It has fired since the timers were read.
      return 'unknown'
  }
}

function summary(shown: number, count: number, { next }: TimersOptions): string {
  const within = next === undefined ? '' : ` within ${next}`
  if (count === 0) return `No timer is due${within}.`
  const counted = count === 1 ? '1 timer is set' : `${count} timers are set`
  const cut = shown < count ? `, the first ${shown} are shown: --limit ${count}` : ''
  return `${counted}${next === undefined ? '' : ` to fire${within}`}${cut}`
}
