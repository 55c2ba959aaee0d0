import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type EventMatch, eventMatch, type WherePattern } from './event-match.ts'
import { mustBeFreeName } from './event-name.ts'
import { givenText } from './given-text.ts'
import { type Place, refusal, within } from './place.ts'
import { withSchema } from './schema-of.ts'
import { isStandardSchema } from './standard-schema.ts'

/**
 * A kind of event: its name and the type of its data. Call it to make one. `Input` is the data as
 * it is sent, `Data` as the schema parses it.
 */
export interface EventType<Name extends string = string, Input = unknown, Data = Input> {
  /** Makes an event, as plain data. It is validated when it is sent. */
  (
    ...args: undefined extends Input
      ? [data?: Input, options?: EventOptions]
      : [data: Input, options?: EventOptions]
  ): MadeEvent<Name, Input>
  readonly name: Name
  readonly schema: StandardSchemaV1<Input, Data> | undefined
  /**
   * Only those whose data has these values.
   *
   * @example await step.waitForAny('payment', { paid: paid.where({ orderId }), late: step.timer('24h') })
   */
  where(equals: WherePattern<Data>): EventMatch<Name, Input, Data>
}

/** An event that can be sent. */
export interface MadeEvent<Name extends string = string, Data = unknown> extends EventOptions {
  readonly name: Name
  readonly data: Data
}

/** What may be said of an event beside its data. */
export interface EventOptions {
  /** Events sent again under one id within 24 hours are stored once. Default: a new id. */
  readonly id?: string
  /** When it happened, in milliseconds since the epoch; runs start no earlier. Default: now. */
  readonly ts?: number
  /** The version of the data. */
  readonly v?: string
}

/** Any event type, whatever its data. */
export interface AnyEventType {
  (...args: never): MadeEvent
  readonly name: string
  readonly schema: StandardSchemaV1 | undefined
  where(equals: never): EventMatch
}

/**
 * Defines a kind of event. Events are validated with `schema` once, when they are sent; what it
 * makes of them is recorded. Throws DEFINITION_INVALID.
 *
 * @example
 * const signedUp = event('app/user.signup', z.object({ userId: z.string(), email: z.email() }))
 * await engine.send(signedUp({ userId: 'u1', email: 'ada@example.com' }))
 */
export function event<const Name extends string, Input = unknown, Data = Input>(
  name: Name,
  schema?: StandardSchemaV1<Input, Data>,
): EventType<Name, Input, Data> {
  const place = placeOf(name)
  mustBeFreeName(name, within(place, 'name'))
  if (schema !== undefined && !isStandardSchema(schema)) {
    const hint = 'Give a schema of zod, valibot, arktype or another library of that standard.'
    throw refusal(within(place, 'schema'), `${givenText(schema)} is not a Standard Schema.`, hint)
  }
  return eventType(name, schema)
}

/** As `event`, for any name. */
export function eventType<Name extends string, Input, Data>(
  name: Name,
  schema: StandardSchemaV1<Input, Data> | undefined,
): EventType<Name, Input, Data> {
  const make = (data: Input, options: EventOptions = {}): MadeEvent<Name, Input> => {
    const { id, ts, v } = options
    const made = {
      name,
      data,
      ...(id !== undefined && { id }),
      ...(ts !== undefined && { ts }),
      ...(v !== undefined && { v }),
    }
    return withSchema(made, schema)
  }
  const where = (pattern: WherePattern<Data>): EventMatch<Name, Input, Data> =>
    eventMatch(name, schema, pattern, within(placeOf(name), 'where'))
  // A function has a name of its own, which plain assignment cannot change.
  return Object.defineProperties(make, {
    name: { value: name, enumerable: true },
    schema: { value: schema, enumerable: true },
    where: { value: where },
  }) as EventType<Name, Input, Data>
}

const placeOf = (name: unknown): Place => ({
  of: typeof name === 'string' ? `The event ${JSON.stringify(name.slice(0, 40))}` : 'The event',
  path: '',
})

export const isEventType = (value: unknown): value is AnyEventType =>
  typeof value === 'function' && 'schema' in value && 'where' in value
