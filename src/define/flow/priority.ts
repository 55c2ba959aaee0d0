import { isObject, mustHaveOnly, type Place, within } from '../place.ts'
import { type Key, type KeyOption, keyAt } from './key.ts'

/**
 * Where several runs wait to start: how many seconds ahead of its time one is treated as having
 * arrived. Whole seconds, from -600 to 600; what is beyond counts as the nearest, what is no number
 * as 0. Asked once, when a run arrives.
 *
 * @example { run: "event.data.plan == 'pro' ? 120 : 0" }
 * @example event => event.data.plan === 'pro' ? 120 : 0
 */
export type PriorityOption<Event> = KeyOption<Event> | { readonly run: KeyOption<Event> }

/** As data it is what gives the seconds. Throws DEFINITION_INVALID. */
export function priorityAt(option: unknown, place: Place): Key {
  if (!isObject(option)) return keyAt(option, place)
  mustHaveOnly(option, ['run'], place)
  return keyAt('run' in option ? option.run : undefined, within(place, 'run'))
}
