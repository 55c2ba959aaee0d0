import type { Duration } from '../duration.ts'
import { type Place, refusal, within } from '../place.ts'
import { partsAt, spanAt } from './amount.ts'

/**
 * Cancels runs that take too long, with a reason that says so. At least one of the two.
 *
 * @example { start: '10m', finish: '2h' }
 */
export interface TimeoutsOption {
  /** From when a run is ready to start, so not while it gathers events, until it has started. */
  readonly start?: Duration
  /** From its start until it has ended. */
  readonly finish?: Duration
}

/** The same as data, in milliseconds. */
export interface Timeouts {
  readonly start?: number
  readonly finish?: number
}

/** Throws DEFINITION_INVALID. */
export function timeoutsAt(option: unknown, place: Place): Timeouts {
  const example = "{ start: '10m', finish: '2h' }"
  const { start, finish } = partsAt(option, ['start', 'finish'], place, example)
  if (start === undefined && finish === undefined) {
    throw refusal(place, 'there is no time in it.', `Write one or both of ${example}.`)
  }
  return {
    ...(start !== undefined && { start: spanAt(start, within(place, 'start')) }),
    ...(finish !== undefined && { finish: spanAt(finish, within(place, 'finish')) }),
  }
}
