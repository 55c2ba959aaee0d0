import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { MatchPath } from './data-path.ts'
import { mustBeEventName } from './event-name.ts'
import { namedEvent } from './event-ref.ts'
import { allOf, checkExpression, equalsText, matchText } from './expressions.ts'
import { type Place, refusal, within } from './place.ts'

/** Which of the incoming events is meant; `Trigger` is the event that started the run. */
export interface Condition<Trigger, Awaited> {
  /** A path that must be equal in both events, such as `'data.userId'`. Not together with `if`. */
  readonly match?: PathOrReason<MatchPath<Trigger, Awaited>>
  /** An expression over `event`, which started the run, and `async`, the incoming one. */
  readonly if?: string
}

// Compilers say that a text is not assignable to this: more than `never` would tell.
type PathOrReason<Path> = [Path] extends [never] ? 'there is no path that is in both events' : Path

/** The same as data. */
export interface Incoming {
  /** The name of the event. */
  readonly event: string
  /** An expression over `event` and `async`; without one every event of that name. */
  readonly if?: string
  /** Of the type that the event is of. */
  readonly schema?: StandardSchemaV1
}

/** Makes one expression of `match` or `if` and of what `where` asks for. Throws DEFINITION_INVALID. */
export function incoming(option: object, place: Place): Incoming {
  const { event, match, if: condition } = option as Record<string, unknown>
  const { name, equals, schema } = namedEvent(event, within(place, 'event'))
  mustBeEventName(name, within(place, 'event'))
  if (match !== undefined && condition !== undefined) {
    const hint = 'Write the comparison of `match` in the expression, joined with &&.'
    throw refusal(within(place, 'match'), '`match` and `if` exclude each other.', hint)
  }
  const matching = match === undefined ? undefined : matchText(match, within(place, 'match'))
  if (condition !== undefined) checkExpression(condition, ['event', 'async'], within(place, 'if'))
  const text = allOf([equalsText(equals, 'async'), matching, condition], place)
  return {
    event: name,
    ...(text !== undefined && { if: text }),
    ...(schema !== undefined && { schema }),
  }
}
