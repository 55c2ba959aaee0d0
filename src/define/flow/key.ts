import { checkExpression } from '../expressions.ts'
import { misfit } from '../given-text.ts'
import { type Place, refusal } from '../place.ts'
import type { ReceivedEvent } from '../received-event.ts'

/**
 * What tells runs apart: an expression over `event`, or a function of the event that starts the
 * run. Each value has a limit of its own, `null` and what is missing too. Where the value is
 * `false`, the option does not apply to the run.
 *
 * @example 'event.data.userId'
 * @example event => event.data.userId
 */
export type KeyOption<Event> = string | ((event: Event) => unknown)

/** The same as data. */
export interface Key {
  /** The expression, or `fn`, which no expression is, for a function. */
  readonly text: string
  readonly of: string | ((event: ReceivedEvent) => unknown)
}

/** Throws DEFINITION_INVALID. */
export function keyAt(option: unknown, place: Place): Key {
  if (typeof option === 'function') {
    return { text: 'fn', of: option as (event: ReceivedEvent) => unknown }
  }
  if (typeof option !== 'string') {
    const hint = "Write an expression such as 'event.data.userId', or a function of the event."
    throw refusal(place, misfit(option, 'is neither an expression nor a function.'), hint)
  }
  checkExpression(option, ['event'], place)
  // Keys are compared by their text.
  const text = option.trim()
  return { text, of: text }
}

/** The key of an option that may have none. */
export const keyIn = (option: unknown, place: Place): { readonly key?: Key } =>
  option === undefined ? {} : { key: keyAt(option, place) }
