import type { Missed, Overlap } from '../define/cron.ts'
import { calendarOf, type Schedule, tickFiresAt } from '../router/schedule.ts'
import type { Scheduled } from './timetable.ts'

/** What `schedules.list()` yields. */
export interface ScheduleInfo {
  readonly id: string
  readonly workflow: string
  readonly cron: string
  readonly tz: string
  readonly missed: Missed
  readonly overlap: Overlap
  /** In ms. */
  readonly jitter: number
  /** Whether the code of the workflow says it, or it was made at run time. */
  readonly source: 'trigger' | 'runtime'
  /** It waits while the engine does not know its workflow, or its zone. */
  readonly status: 'ticking' | 'paused' | 'waiting'
  /** When it fires next, jitter included: ms since the epoch. Absent: it does not. */
  readonly next?: number
  /** Runs of it that have not ended. */
  readonly active: readonly string[]
  /** How many ticks wait for a run to end. */
  readonly buffered: number
}

/** Throws for a schedule that has neither a plan nor a definition of its own. */
export function infoOf(
  { id, workflow, own, plan, state, paused }: Scheduled,
  active: readonly string[],
  now: number,
): ScheduleInfo {
  const times = plan?.schedule ?? own
  if (times === undefined) throw new Error(`nothing is known of the schedule ${id}`)
  const { expression, tz, missed, overlap, jitter } = times
  const next = plan === undefined || paused ? undefined : nextOf(plan.schedule, state.handled, now)
  return {
    ...{ id, workflow, cron: expression, tz, missed, overlap, jitter },
    source: own === undefined ? 'trigger' : 'runtime',
    status: plan === undefined ? 'waiting' : paused ? 'paused' : 'ticking',
    ...(next !== undefined && { next }),
    active,
    buffered: state.buffered.length,
  }
}

function nextOf(schedule: Schedule, handled: number, now: number): number | undefined {
  const ticks = calendarOf(schedule)
  const nominal = ticks.next(handled)
  return nominal === undefined ? undefined : Math.max(now, tickFiresAt(schedule, nominal, ticks))
}
