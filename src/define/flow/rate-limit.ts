import type { Duration } from '../duration.ts'
import { type Place, within } from '../place.ts'
import { countAt, oneOfAt, partsAt, spanAt } from './amount.ts'
import { type Key, type KeyOption, keyIn } from './key.ts'

/**
 * Accepts this many runs in a period. What is over the limit does not run at all: its run ends as
 * `skipped`. Use `throttle` where it should wait instead.
 *
 * @example { limit: 3, period: '1h', key: 'event.data.userId' }
 */
export interface RateLimitOption<Event> {
  /** At least 1. */
  readonly limit: number
  readonly period: Duration
  /**
   * `'sliding'`: no stretch of time as long as `period` ever has more than `limit` accepted runs.
   * `'fixed'`: periods follow upon each other, each begun by the first run after the one before has
   * passed, so that twice the limit may meet at their border. `'gcra'`: one run every
   * `period / limit`, and a tenth of `limit` more at once. Default `'sliding'`.
   */
  readonly algorithm?: RateLimit['algorithm']
  /** Each value has the limit for itself. Default: one for all. */
  readonly key?: KeyOption<Event>
}

/** The same as data. */
export interface RateLimit {
  readonly limit: number
  /** Milliseconds. */
  readonly period: number
  readonly algorithm: 'sliding' | 'fixed' | 'gcra'
  readonly key?: Key
}

/** Throws DEFINITION_INVALID. */
export function rateLimitAt(option: unknown, place: Place): RateLimit {
  const known = ['limit', 'period', 'algorithm', 'key']
  const parts = partsAt(option, known, place, "{ limit: 3, period: '1h' }")
  const { algorithm = 'sliding' } = parts
  return {
    limit: countAt(parts.limit, within(place, 'limit'), 1),
    period: spanAt(parts.period, within(place, 'period')),
    algorithm: oneOfAt(algorithm, ['sliding', 'fixed', 'gcra'], within(place, 'algorithm')),
    ...keyIn(parts.key, within(place, 'key')),
  }
}
