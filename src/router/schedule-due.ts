import type { Calendar } from '../define/calendar.ts'
import { calendarOf, type Schedule, tickFiresAt } from './schedule.ts'

/** Which ticks of a schedule to fire at a moment. Times in ms. */
export interface Due {
  /** Nominal times, oldest first. */
  readonly fire: readonly number[]
  /** Every tick up to this nominal time has been dealt with. */
  readonly handled: number
  /** Nominal times from `from` on and before `before` were missed and are not fired. */
  readonly passedOver?: { readonly from: number; readonly before: number }
  /** When to ask again, `now` when more is due already; undefined: never. */
  readonly wakeAt: number | undefined
}

/**
 * A tick that fires this late is still on time, unless a newer one is due: alarms notice within
 * this long that the clock was put forward.
 */
export const ON_TIME = 60_000

/** More ticks than this are never fired at once. */
export const PAGE = 50

/**
 * Decides what is due at `now`, given that every tick up to the nominal time `handled` has been
 * dealt with. The newest tick that is due is on time or missed, the older ones are missed: under
 * `'skip'` the newest fires if it is on time, under `'last'` the newest fires, under `'all'` they
 * all do, at most `most` at once. A clock that was put back makes nothing due a second time: ticks
 * go on when it has passed `handled` again.
 */
export function due(schedule: Schedule, handled: number, now: number, most = PAGE): Due {
  const ticks = calendarOf(schedule)
  const first = ticks.next(handled)
  if (first === undefined) return { fire: [], handled, wakeAt: undefined }
  const firstFiresAt = tickFiresAt(schedule, first, ticks)
  if (firstFiresAt > now) return { fire: [], handled, wakeAt: firstFiresAt }
  if (schedule.missed === 'all') return all(schedule, ticks, first, handled, now, most)

  const newest = newestDue(schedule, ticks, first, now)
  const lateBy = now - tickFiresAt(schedule, newest, ticks)
  const fires = schedule.missed === 'last' || lateBy <= ON_TIME
  const before = fires ? newest : newest + 1
  return {
    fire: fires ? [newest] : [],
    handled: newest,
    ...(first < before && { passedOver: { from: first, before } }),
    wakeAt: wakeAfter(schedule, ticks, ticks.next(newest), now),
  }
}

function all(
  schedule: Schedule,
  ticks: Calendar,
  first: number,
  handled: number,
  now: number,
  most: number,
): Due {
  const fire: number[] = []
  let next: number | undefined = first
  while (next !== undefined && fire.length < most && tickFiresAt(schedule, next, ticks) <= now) {
    fire.push(next)
    next = ticks.next(next)
  }
  return { fire, handled: fire.at(-1) ?? handled, wakeAt: wakeAfter(schedule, ticks, next, now) }
}

const wakeAfter = (
  schedule: Schedule,
  ticks: Calendar,
  next: number | undefined,
  now: number,
): number | undefined =>
  next === undefined ? undefined : Math.max(now, tickFiresAt(schedule, next, ticks))

/** The newest tick that fires at `now` or before; the tick `first` is known to. */
function newestDue(schedule: Schedule, ticks: Calendar, first: number, now: number): number {
  const newest = newestUpTo(ticks, first, now)
  if (newest === first || tickFiresAt(schedule, newest, ticks) <= now) return newest
  // The tick before it fired earlier than this one's nominal time.
  return newestUpTo(ticks, first, newest - 1)
}

/** The newest nominal time up to `until`, from the nominal time `first` on: by halving. */
function newestUpTo(ticks: Calendar, first: number, until: number): number {
  let low = first
  let high = until
  for (;;) {
    // The one looked for is always from `low` to `high`, and `low` is a nominal time.
    const next = ticks.next(low)
    if (next === undefined || next > high) return low
    const middle = Math.floor((next + high) / 2)
    const beyond = ticks.next(middle)
    if (beyond !== undefined && beyond <= high) {
      low = beyond
    } else {
      low = next
      high = middle
    }
  }
}
