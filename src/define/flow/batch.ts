import type { Duration } from '../duration.ts'
import { type Place, within } from '../place.ts'
import { countAt, partsAt, spanAt } from './amount.ts'
import { type Key, type KeyOption, keyAt, keyIn } from './key.ts'

/**
 * Gathers events and starts one run for all of them: when there are `maxSize`, `timeout` after the
 * first, or when their data has 10 MiB. The code finds them in `events`, the first as `event`.
 *
 * @example { maxSize: 100, timeout: '10s', key: 'event.data.accountId' }
 */
export interface BatchOption<Event> {
  /**
   * From 1 to 10,000. With 1 the option is as good as left out: a batch of one is what each run
   * gets anyway, so that a setting can turn gathering off.
   */
  readonly maxSize: number
  /** Counted from the first event of a batch. */
  readonly timeout: Duration
  /** Each value has batches of its own. Default: all together. */
  readonly key?: KeyOption<Event>
  /** Only these events are gathered; each of the others starts a run of its own at once. */
  readonly if?: string | ((event: Event) => boolean)
}

/** The same as data. */
export interface Batch {
  /** At least 2. */
  readonly maxSize: number
  /** Milliseconds. */
  readonly timeout: number
  readonly key?: Key
  /** Truthy for what is gathered. */
  readonly if?: Key
}

const LARGEST = 10_000

/** Undefined if the option asks for no gathering. Throws DEFINITION_INVALID. */
export function batchAt(option: unknown, place: Place): Batch | undefined {
  const known = ['maxSize', 'timeout', 'key', 'if']
  const parts = partsAt(option, known, place, "{ maxSize: 100, timeout: '10s' }")
  const maxSize = countAt(parts.maxSize, within(place, 'maxSize'), 1, LARGEST)
  const batch = {
    maxSize,
    timeout: spanAt(parts.timeout, within(place, 'timeout')),
    ...keyIn(parts.key, within(place, 'key')),
    ...(parts.if !== undefined && { if: keyAt(parts.if, within(place, 'if')) }),
  }
  return maxSize === 1 ? undefined : batch
}
