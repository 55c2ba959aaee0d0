import type { Duration } from '../duration.ts'
import { type Place, refusal, within } from '../place.ts'
import { countAt, partsAt, spanAt } from './amount.ts'
import { type Key, type KeyOption, keyIn } from './key.ts'

/**
 * Spreads the starts of runs evenly; nothing is lost, what is too early waits in order. Later steps
 * and retries are not throttled.
 *
 * @example { limit: 10, period: '1m' } // one start every 6 seconds
 */
export interface ThrottleOption<Event> {
  /** How many starts fit in `period`. At least 1. */
  readonly limit: number
  /** From one second to 7 days. */
  readonly period: Duration
  /**
   * How many may start at once after a quiet time; from then on one starts every `period / limit`.
   * So a period may see `limit` and `burst - 1` more starts. Default 1: none at once.
   */
  readonly burst?: number
  /** Each value is throttled for itself. Default: all together. */
  readonly key?: KeyOption<Event>
}

/** The same as data. */
export interface Throttle {
  readonly limit: number
  /** Milliseconds. */
  readonly period: number
  readonly burst: number
  readonly key?: Key
}

const SHORTEST = 1_000
const LONGEST = 7 * 86_400_000

/** Throws DEFINITION_INVALID. */
export function throttleAt(option: unknown, place: Place): Throttle {
  const known = ['limit', 'period', 'burst', 'key']
  const parts = partsAt(option, known, place, "{ limit: 10, period: '1m' }")
  const { burst = 1 } = parts
  const period = spanAt(parts.period, within(place, 'period'))
  if (period < SHORTEST || period > LONGEST) {
    const hint = "Write a duration from '1s' to '7d', and choose `limit` to go with it."
    throw refusal(within(place, 'period'), 'it is not from one second to 7 days.', hint)
  }
  return {
    limit: countAt(parts.limit, within(place, 'limit'), 1),
    period,
    burst: countAt(burst, within(place, 'burst'), 1),
    ...keyIn(parts.key, within(place, 'key')),
  }
}
