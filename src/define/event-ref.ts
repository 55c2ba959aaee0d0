import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type AnyEventType, type EventType, isEventType } from './event.ts'
import { type EventMatch, isEventMatch, type Scalar, schemaOf } from './event-match.ts'
import { misfit } from './given-text.ts'
import { type Place, refusal } from './place.ts'
import type { ReceivedEvent } from './received-event.ts'

/** How an event is named: by its type, by its type and some of its data, or by its name alone. */
export type EventRef = AnyEventType | EventMatch | string

/** The event that a reference stands for. What is named by a text alone has unknown data. */
export type EventOf<Ref> =
  Ref extends EventType<infer Name, infer _, infer Data>
    ? ReceivedEvent<Name, Data>
    : Ref extends EventMatch<infer Name, infer _, infer Data>
      ? ReceivedEvent<Name, Data>
      : Ref extends string
        ? ReceivedEvent<NameIn<Ref>>
        : never

/** The data that such an event is sent with. */
export type InputOf<Ref> =
  Ref extends EventType<string, infer Input, infer _>
    ? Input
    : Ref extends EventMatch<string, infer Input, infer _>
      ? Input
      : Ref extends string
        ? unknown
        : never

type NameIn<Pattern extends string> = Pattern extends `${infer Prefix}*`
  ? `${Prefix}${string}`
  : Pattern

/** The same as data. */
export interface NamedEvent {
  readonly name: string
  readonly schema?: StandardSchemaV1
  readonly equals: Readonly<Record<string, Scalar>>
}

export function namedEvent(ref: unknown, place: Place): NamedEvent {
  if (typeof ref === 'string') return { name: ref, equals: {} }
  if (isEventType(ref)) {
    const { name, schema } = ref
    return { name, equals: {}, ...(schema !== undefined && { schema }) }
  }
  if (isEventMatch(ref)) {
    const schema = schemaOf(ref)
    return { name: ref.name, equals: ref.equals, ...(schema !== undefined && { schema }) }
  }
  const hint = "Give what event() made, what its where() made, or a name such as 'app/user.signup'."
  throw refusal(place, misfit(ref, 'names no event.'), hint)
}

/** Whether it is a reference at all; what it refers to is not looked at. */
export const namesEvent = (value: unknown): value is EventRef =>
  typeof value === 'string' || isEventType(value) || isEventMatch(value)
