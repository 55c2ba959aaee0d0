import type { RateLimit } from '../define/flow/rate-limit.ts'
import { admitted, freeAt, isPast, type Pace, type Rate } from './gcra.ts'
import { enter, enterRoughly, type Hits, isOver, roomAt } from './sliding-window.ts'

/** What is left of earlier admissions. Times are milliseconds of elapsed time that never go back. */
export type RateLimitState = Known & Own

/** What any algorithm can go on from. */
interface Known {
  /** Roughly, where the algorithm does not need them. Absent in old journals, as is the period. */
  readonly hits?: Hits
  /** As it was when the last one was admitted. */
  readonly period?: number
  /** What was admitted by another algorithm counts in a sliding window until then. */
  readonly until?: number
}

type Own =
  | { readonly kind: 'sliding'; readonly hits: Hits }
  /** The window that the first admission after the one before has begun; none, if the count is 0. */
  | { readonly kind: 'fixed'; readonly from: number; readonly count: number }
  | ({ readonly kind: 'gcra' } & Pace)

export type RateDecision =
  | { readonly kind: 'admit' }
  /** `until`: when the next would be admitted. */
  | { readonly kind: 'refuse'; readonly until: number }

export interface RateOutcome {
  /** The same object if it was refused: there is nothing to write then. */
  readonly state: RateLimitState | undefined
  readonly decision: RateDecision
}

type Rule = Pick<RateLimit, 'limit' | 'period' | 'algorithm'>

/** Decides about one arrival. What is refused does not count. */
export function rateLimit(state: RateLimitState | undefined, rule: Rule, now: number): RateOutcome {
  const known = state && !isIdle(state, rule, now) ? inheritedBy(rule, state) : undefined
  const until = known === undefined ? now : openAt(known, rule, now)
  if (until > now) return { state, decision: { kind: 'refuse', until } }
  return { state: counted(known, rule, now), decision: { kind: 'admit' } }
}

/**
 * The state as another algorithm goes on from it: its own limit begins anew, and for a period no more
 * than the limit may have come in all.
 */
function inheritedBy({ algorithm, limit, period }: Rule, state: RateLimitState): RateLimitState {
  if (state.kind === algorithm) return state
  const hits = hitsOf(state)
  const last = hits.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY
  const known = { hits, period, until: last + period }
  switch (algorithm) {
    case 'sliding':
      return { kind: 'sliding', hits, period }
    case 'fixed':
      return { kind: 'fixed', from: last, count: 0, ...known }
    case 'gcra':
      return { kind: 'gcra', from: last, count: 1, last, interval: period / limit, ...known }
  }
}

function openAt(state: RateLimitState, rule: Rule, now: number): number {
  const own = ownOpenAt(state, rule, now)
  const { until } = state
  if (until === undefined || until <= now) return own
  return Math.max(own, Math.min(until, roomAt(hitsOf(state), rule, now)))
}

function ownOpenAt(state: RateLimitState, rule: Rule, now: number): number {
  switch (state.kind) {
    case 'sliding':
      return roomAt(state.hits, rule, now)
    case 'fixed':
      return state.count < rule.limit ? now : state.from + rule.period
    case 'gcra':
      return freeAt(state, rateOf(rule))
  }
}

function counted(state: RateLimitState | undefined, rule: Rule, now: number): RateLimitState {
  const { algorithm: kind, period } = rule
  const before = state === undefined ? [] : hitsOf(state)
  if (kind === 'sliding') return { kind, hits: enter(before, rule, now), period }
  const until = state?.until !== undefined && state.until > now && { until: state.until }
  const known = { hits: enterRoughly(before, rule, now), period, ...until }
  if (kind === 'gcra') {
    const pace = state?.kind === 'gcra' ? state : undefined
    return { kind, ...admitted(pace, rateOf(rule), now), ...known }
  }
  const isOpen = state?.kind === 'fixed' && state.count > 0 && state.from + period > now
  const window = isOpen ? { from: state.from, count: state.count + 1 } : { from: now, count: 1 }
  return { kind, ...window, ...known }
}

/**
 * Whether the state says nothing any more, to any algorithm, and may be removed. Without a rule, of
 * which nobody knows whether it comes back: as it was when the last one was admitted.
 */
export function isIdle(state: RateLimitState, rule: Rule | undefined, now: number): boolean {
  // A rule of a shorter period may be taken back as well.
  const period = Math.max(rule?.period ?? 0, state.period ?? 0)
  if (!isOver(hitsOf(state), { period }, now)) return false
  return state.kind !== 'gcra' || isPast(state, rule && rateOf(rule), now)
}

function hitsOf(state: RateLimitState): Hits {
  if (state.hits !== undefined) return state.hits
  switch (state.kind) {
    case 'sliding':
      return state.hits
    case 'fixed':
      return [[state.from, state.count]]
    case 'gcra':
      return [[state.last ?? state.from, 1]]
  }
}

const rateOf = ({ limit, period }: Rule): Rate => ({
  limit,
  period,
  extra: Math.floor(limit / 10),
})
