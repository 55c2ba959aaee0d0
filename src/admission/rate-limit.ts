import type { RateLimit } from '../define/flow/rate-limit.ts'
import { admitted, freeAt, isPast, type Pace, type Rate } from './gcra.ts'
import { enter, type Hits, isOver, roomAt } from './sliding-window.ts'

/**
 * What is left of earlier admissions. Times are milliseconds of elapsed time that never go back.
 * The state of another algorithm counts as none: the workflow was changed.
 */
export type RateLimitState =
  | { readonly kind: 'sliding'; readonly hits: Hits }
  /** The window that the first admission after the one before has begun. */
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
  const until = openAt(state, rule, now)
  if (until > now) return { state, decision: { kind: 'refuse', until } }
  return { state: counted(state, rule, now), decision: { kind: 'admit' } }
}

function openAt(state: RateLimitState | undefined, rule: Rule, now: number): number {
  if (state === undefined || isIdle(state, rule, now)) return now
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
  const known = state === undefined || isIdle(state, rule, now) ? undefined : state
  switch (rule.algorithm) {
    case 'sliding':
      return {
        kind: 'sliding',
        hits: enter(known?.kind === 'sliding' ? known.hits : [], rule, now),
      }
    case 'fixed':
      if (known?.kind !== 'fixed') return { kind: 'fixed', from: now, count: 1 }
      return { ...known, count: known.count + 1 }
    case 'gcra':
      return {
        kind: 'gcra',
        ...admitted(known?.kind === 'gcra' ? known : undefined, rateOf(rule), now),
      }
  }
}

/** Whether the state says nothing any more and may be removed. */
export function isIdle(state: RateLimitState, rule: Rule, now: number): boolean {
  if (state.kind !== rule.algorithm) return true
  switch (state.kind) {
    case 'sliding':
      return isOver(state.hits, rule, now)
    case 'fixed':
      return state.from + rule.period <= now
    case 'gcra':
      return isPast(state, rateOf(rule), now)
  }
}

const rateOf = ({ limit, period }: Rule): Rate => ({
  limit,
  period,
  extra: Math.floor(limit / 10),
})
