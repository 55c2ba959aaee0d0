import type { Throttle } from '../define/flow/throttle.ts'
import { admitted, freeAt, isPast, type Pace, type Rate } from './gcra.ts'

/** What is left of earlier starts. Times are milliseconds of elapsed time that never go back. */
export type ThrottleState = Pace

type Rule = Pick<Throttle, 'limit' | 'period' | 'burst'>

/** When the next run may start: at once if that is not after `now`. */
export const nextAt = (state: ThrottleState | undefined, rule: Rule): number =>
  freeAt(state, rateOf(rule))

/** The state after a start at `now`, which must not be before `nextAt`. */
export const take = (state: ThrottleState | undefined, rule: Rule, now: number): ThrottleState =>
  admitted(state, rateOf(rule), now)

/** More starts at one moment are not counted. */
const COUNTED = 10_000

/** How many may start at `now`, one right after the other. */
export function startsAt(state: ThrottleState | undefined, rule: Rule, now: number): number {
  let count = 0
  for (let next = state; count < COUNTED && nextAt(next, rule) <= now; count++) {
    next = take(next, rule, now)
  }
  return count
}

/**
 * Whether the state says nothing any more and may be removed. Without a rule, which may come back: as
 * it was when the last one started.
 */
export const isIdle = (state: ThrottleState, rule: Rule | undefined, now: number): boolean =>
  isPast(state, rule && rateOf(rule), now)

const rateOf = ({ limit, period, burst }: Rule): Rate => ({ limit, period, extra: burst - 1 })
