import { createHash } from 'node:crypto'
import { type Calendar, calendar } from '../define/calendar.ts'
import type { CronTrigger } from '../define/cron-trigger.ts'

/** A cron trigger under the name that it keeps through restarts and changes. */
export interface Schedule
  extends Pick<CronTrigger, 'expression' | 'tz' | 'missed' | 'overlap' | 'jitter'> {
  readonly id: string
}

/**
 * All that has to be remembered of a schedule: plain data for one journal row, below 2 kB, written
 * in the commit that also starts the runs. Whatever is not in it is computed again from it.
 */
export interface ScheduleState {
  /**
   * The nominal time, in ms, up to which every tick has been dealt with. It goes back only with a
   * new calendar, and then no further than to a clock that was put back.
   */
  readonly handled: number
  /** The calendar that this was: after a change, nothing that is past is due. */
  readonly calendar: string
  /** Nominal times whose runs wait for another run to end, oldest first. */
  readonly buffered: readonly number[]
}

/**
 * The state to go on from when a schedule is met: for the first time, again, or changed. A new
 * expression or zone begins now, so it makes up for no time in which it did not exist; what was
 * buffered stays. Other options apply to what comes next, a removed jitter at once.
 */
export function adopt(
  schedule: Schedule,
  state: ScheduleState | undefined,
  now: number,
): ScheduleState {
  const calendar = `${schedule.tz} ${schedule.expression}`
  if (state === undefined) return { handled: now, calendar, buffered: [] }
  if (state.calendar === calendar) return state
  return { handled: now, calendar, buffered: state.buffered }
}

/** The first nominal time strictly after `after`, both in ms; undefined when there is none. */
export const nextAfter = (schedule: Schedule, after: number): number | undefined =>
  calendarOf(schedule).next(after)

export const calendarOf = ({ expression, tz }: Schedule): Calendar => calendar(expression, tz)

/** When a tick fires: its nominal time and a share in [0, 1) of `jitter` ms that is its own. */
export const fireAt = (scheduleId: string, nominal: number, jitter: number): number =>
  jitter === 0 ? nominal : nominal + Math.floor(shareOf(scheduleId, nominal) * jitter)

/** The same, with the jitter cut so that a tick always fires before the next one is nominal. */
export function tickFiresAt(schedule: Schedule, nominal: number, ticks: Calendar): number {
  if (schedule.jitter === 0) return nominal
  const distance = (ticks.next(nominal) ?? Number.POSITIVE_INFINITY) - nominal
  return fireAt(schedule.id, nominal, Math.min(schedule.jitter, distance))
}

function shareOf(scheduleId: string, nominal: number): number {
  const digest = createHash('sha256').update(`${scheduleId}/jitter/${nominal}`).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}
