/*
 * The generic cell rate algorithm. Each admission moves a theoretical time on by one interval,
 * `period / limit`; the next is admitted when the clock is at most `extra` intervals before it.
 */

/** The theoretical time is `count` intervals after `from`: kept like this it never drifts. */
export interface Pace {
  readonly from: number
  /** Below `limit`, as whole periods are counted in `from`. */
  readonly count: number
  /** When the last one was admitted, and one interval then; absent in old journals. */
  readonly last?: number
  readonly interval?: number
}

export interface Rate {
  readonly limit: number
  /** Milliseconds. */
  readonly period: number
  /** How many more than one may be admitted at once. */
  readonly extra: number
}

/**
 * When the next may be admitted. Whole milliseconds, rounded down, as intervals may be shorter than
 * one: whatever is early in its millisecond, the next ones are not.
 */
export function freeAt(pace: Pace | undefined, rate: Rate): number {
  if (pace === undefined) return Number.NEGATIVE_INFINITY
  const { from, count } = at(pace, rate)
  return Math.floor(from + ((count - rate.extra) * rate.period) / rate.limit)
}

/** The state after an admission at `now`. */
export function admitted(pace: Pace | undefined, rate: Rate, now: number): Pace {
  const { from, count } =
    pace === undefined || isPast(pace, rate, now) ? { from: now, count: 0 } : at(pace, rate)
  const periods = Math.floor((count + 1) / rate.limit)
  return {
    from: from + periods * rate.period,
    count: count + 1 - periods * rate.limit,
    last: now,
    interval: intervalOf(rate),
  }
}

/** Whether it says no more than no state does; without a rate, at the one that it was kept at. */
export function isPast(pace: Pace, rate: Rate | undefined, now: number): boolean {
  if (rate === undefined) return pace.from + pace.count * (pace.interval ?? 0) <= now
  const { from, count } = at(pace, rate)
  return from + (count * rate.period) / rate.limit <= now
}

const intervalOf = ({ period, limit }: Rate): number => period / limit

/**
 * The pace at this rate. Of what was admitted at another one only the last counts: the rest may be
 * more than this rate lets through in years.
 */
function at(pace: Pace, rate: Rate): Pick<Pace, 'from' | 'count'> {
  const { last, interval } = pace
  const isSame = last === undefined || interval === undefined || interval === intervalOf(rate)
  return isSame ? pace : { from: last, count: 1 }
}
