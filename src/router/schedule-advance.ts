import type { Schedule, ScheduleState } from './schedule.ts'
import { type Due, due, PAGE } from './schedule-due.ts'
import { overlap } from './schedule-overlap.ts'

/** What a schedule does at a moment, and the state that this leaves. Times in ms. */
export interface ScheduleAdvance {
  readonly state: ScheduleState
  /** Nominal times whose runs start now, oldest first. */
  readonly start: readonly number[]
  /** Runs to be cancelled. */
  readonly cancel: readonly string[]
  /** Nominal times that start nothing because of overlap. */
  readonly skipped: readonly number[]
  /** Missed nominal times that start nothing. */
  readonly passedOver?: Due['passedOver']
  /** When to ask again; undefined: not before a run of the schedule ends. */
  readonly wakeAt: number | undefined
}

/** So many ticks are buffered at most. Further ones are not lost: they stay due until there is room. */
export const BUFFER = 100

/**
 * One decision of a schedule, the same for its alarm, for a run of it that ended (which is then not
 * among `active` any more) and for opening. What it says is one commit: the state, the started and
 * the cancelled runs. When that fails, or the process dies before, asking again with the old state
 * gives the same ticks, so a run's id made of schedule and nominal time never stands for two.
 */
export function advance(
  schedule: Schedule,
  state: ScheduleState,
  active: readonly string[],
  now: number,
): ScheduleAdvance {
  const most = Math.min(PAGE, roomFor(schedule, state, active))
  const ticks = most === 0 ? nothing(state) : due(schedule, state.handled, now, most)
  const waiting = [...state.buffered, ...ticks.fire]
  const { start, cancel, buffer, skipped } = overlap(schedule.overlap, active, waiting)
  const isFull = buffer.length >= BUFFER
  return {
    state: { ...state, handled: ticks.handled, buffered: buffer },
    start,
    cancel,
    skipped,
    ...(ticks.passedOver !== undefined && { passedOver: ticks.passedOver }),
    wakeAt: isFull ? undefined : ticks.wakeAt,
  }
}

function roomFor(schedule: Schedule, state: ScheduleState, active: readonly string[]): number {
  if (schedule.overlap !== 'buffer-all') return PAGE
  const taken = state.buffered.length - (active.length === 0 ? 1 : 0)
  return Math.max(0, BUFFER - taken)
}

const nothing = ({ handled }: ScheduleState): Due => ({ fire: [], handled, wakeAt: undefined })
