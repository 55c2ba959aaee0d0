import { type Place, within } from '../place.ts'
import { oneOfAt, partsAt } from './amount.ts'
import { type Key, type KeyOption, keyIn } from './key.ts'

/**
 * At most one run at a time, from its start to its end, sleeps, waits and retries included.
 *
 * @example { key: 'event.data.userId', mode: 'cancel' }
 */
export interface SingletonOption<Event> {
  /** One run a value. Default: one run of the workflow. */
  readonly key?: KeyOption<Event>
  /**
   * What happens to a new run while there is another: `'skip'` skips the new one; `'cancel'` cancels
   * the other, and the new one starts when that has ended.
   */
  readonly mode: Singleton['mode']
}

/** The same as data. */
export interface Singleton {
  readonly key?: Key
  readonly mode: 'skip' | 'cancel'
}

/** Throws DEFINITION_INVALID. */
export function singletonAt(option: unknown, place: Place): Singleton {
  const { key, mode } = partsAt(option, ['key', 'mode'], place, "{ mode: 'skip' }")
  return {
    ...keyIn(key, within(place, 'key')),
    mode: oneOfAt(mode, ['skip', 'cancel'], within(place, 'mode')),
  }
}
