import type { Duration } from '../duration.ts'
import { type Place, refusal, within } from '../place.ts'
import { oneOfAt, partsAt, spanAt } from './amount.ts'
import { type Key, type KeyOption, keyIn } from './key.ts'

/**
 * Makes one run of many events that come in quick succession: it starts when none has come for
 * `period`. The event that wins is the newest by its `ts`, whichever came last.
 *
 * @example { period: '5s', timeout: '1m', key: 'event.data.documentId' }
 */
export interface DebounceOption<Event> {
  /** How long it must be quiet. */
  readonly period: Duration
  /** Each value is debounced for itself. Default: all together. */
  readonly key?: KeyOption<Event>
  /**
   * The run starts at the latest this long after the first event, however many follow; at least
   * `period`. Default: none. Not with edge `'leading'`.
   */
  readonly timeout?: Duration
  /**
   * `'all'`: the run gets all the events, in `events`, and the newest as `event`. `'last'`: only the
   * newest. Default `'last'`.
   */
  readonly mode?: Debounce['mode']
  /**
   * `'leading'`: the first event starts a run at once, and those that follow are skipped until it
   * has been quiet for `period`, unless it was skipped itself. Default `'trailing'`.
   */
  readonly edge?: Debounce['edge']
}

/** The same as data; times in milliseconds. */
export interface Debounce {
  readonly period: number
  readonly key?: Key
  readonly timeout?: number
  readonly mode: 'last' | 'all'
  readonly edge: 'trailing' | 'leading'
}

/** Throws DEFINITION_INVALID. */
export function debounceAt(option: unknown, place: Place): Debounce {
  const known = ['period', 'key', 'timeout', 'mode', 'edge']
  const parts = partsAt(option, known, place, "{ period: '5s' }")
  const { mode = 'last', edge = 'trailing' } = parts
  const timeout =
    parts.timeout === undefined ? undefined : spanAt(parts.timeout, within(place, 'timeout'))
  const debounce: Debounce = {
    period: spanAt(parts.period, within(place, 'period')),
    ...keyIn(parts.key, within(place, 'key')),
    ...(timeout !== undefined && { timeout }),
    mode: oneOfAt(mode, ['last', 'all'], within(place, 'mode')),
    edge: oneOfAt(edge, ['trailing', 'leading'], within(place, 'edge')),
  }
  mustMakeSense(debounce, place)
  return debounce
}

function mustMakeSense({ period, timeout, mode, edge }: Debounce, place: Place): void {
  if (edge === 'leading' && mode === 'all') {
    const fault = "with edge 'leading' the events that follow the first are skipped, not gathered."
    throw refusal(within(place, 'mode'), fault, "Leave `mode` out, or use edge 'trailing'.")
  }
  if (edge === 'leading' && timeout !== undefined) {
    const fault = "with edge 'leading' the run starts at once, so nothing can take too long."
    throw refusal(within(place, 'timeout'), fault, 'Leave `timeout` out.')
  }
  if (timeout !== undefined && timeout < period) {
    const fault = 'it is shorter than `period`, which would never be waited for.'
    throw refusal(within(place, 'timeout'), fault, 'Make it as long as `period` or longer.')
  }
}
