/*
 * A window that ends now and is as long as the period: what was admitted at `t` is in it before
 * `t + period`. So however a stretch of that length is laid, it holds at most `limit` admissions.
 */

/** When something was admitted and how many at that time, oldest first. */
export type Hits = readonly (readonly [at: number, count: number])[]

/** Of a window that is not asked but when the algorithm is changed so many times are kept. */
const ROUGH_PARTS = 8

interface Rule {
  readonly limit: number
  /** Milliseconds. */
  readonly period: number
}

/**
 * Up to this limit every time is kept as it is. Above it, times are rounded up to a thousandth of
 * the period, so that the state stays small, and an admission counts for that much longer at most.
 */
const EXACT_LIMIT = 1_000
const PARTS = 1_000

/** The earliest time from `now` on when there is room for one more. */
export function roomAt(hits: Hits, { limit, period }: Rule, now: number): number {
  const inside = insideOf(hits, period, now)
  let count = 0
  for (const [, each] of inside) count += each
  let room = now
  for (const [at, each] of inside) {
    if (count < limit) break
    count -= each
    room = at + period
  }
  return room
}

/** The same and one admission more; what has left the window is left out. */
export function enter(hits: Hits, rule: Rule, now: number): Hits {
  const at = rounded(now, rule)
  const inside = insideOf(hits, rule.period, now)
  const last = inside.at(-1)
  if (last?.[0] !== at) return [...inside, [at, 1]]
  return [...inside.slice(0, -1), [at, last[1] + 1]]
}

/** The same, but what came in one part of the period counts as if it had come with the last of it. */
export function enterRoughly(hits: Hits, { period }: Rule, now: number): Hits {
  const partOf = (at: number): number => Math.floor((at * ROUGH_PARTS) / period)
  const inside = insideOf(hits, period, now)
  const last = inside.at(-1)
  if (last === undefined || partOf(last[0]) < partOf(now)) return [...inside, [now, 1]]
  return [...inside.slice(0, -1), [Math.max(last[0], now), last[1] + 1]]
}

/** Whether nothing is left in the window. */
export function isOver(hits: Hits, { period }: Pick<Rule, 'period'>, now: number): boolean {
  const last = hits.at(-1)
  return last === undefined || last[0] + period <= now
}

function insideOf(hits: Hits, period: number, now: number): Hits {
  const first = hits.findIndex(([at]) => at + period > now)
  return first < 0 ? [] : hits.slice(first)
}

function rounded(now: number, { limit, period }: Rule): number {
  if (limit <= EXACT_LIMIT) return now
  const part = Math.max(1, Math.floor(period / PARTS))
  return Math.ceil(now / part) * part
}
