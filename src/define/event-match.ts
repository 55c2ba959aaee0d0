import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isWhole } from './event-name.ts'
import { segmentText } from './path-text.ts'
import { isObject, type Place, refusal, within } from './place.ts'

/**
 * Events of one name whose data has these values. Made by `where` of an event type, whose schema it
 * keeps where neither a comparison nor a copy sees it.
 *
 * @example paid.where({ orderId: 'o1' }) // name: 'shop/paid', equals: { 'data.orderId': 'o1' }
 */
export interface EventMatch<Name extends string = string, Input = unknown, Data = unknown> {
  readonly kind: 'match'
  readonly name: Name
  /** What must be equal: the path as an expression writes it, and the value. */
  readonly equals: Readonly<Record<string, Scalar>>
  readonly [SCHEMA]?: StandardSchemaV1<Input, Data>
}

const SCHEMA: unique symbol = Symbol('perdure.schema')

/** What can be compared by equality. */
export type Scalar = string | number | boolean | null

/** Some of the data of an event, as deep as it goes, with the values it must have. */
export type WherePattern<Data> = unknown extends Data
  ? { readonly [key: string]: unknown }
  : Data extends Indivisible
    ? never
    : Data extends object
      ? { readonly [Key in keyof Data]?: Wanted<Data[Key]> }
      : never

type Wanted<Value> = unknown extends Value ? unknown : Extract<Value, Scalar> | WherePattern<Value>

/** Objects that have no parts of their own to compare. */
export type Indivisible =
  | Date
  | RegExp
  | URL
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | readonly unknown[]
  | ((...args: never) => unknown)

/** Throws DEFINITION_INVALID for what is no pattern. */
export function eventMatch<Name extends string, Input, Data>(
  name: Name,
  schema: StandardSchemaV1<Input, Data> | undefined,
  pattern: WherePattern<Data>,
  place: Place,
): EventMatch<Name, Input, Data> {
  const match: EventMatch<Name, Input, Data> = {
    kind: 'match',
    name,
    equals: equalsOf(pattern, place),
  }
  return schema === undefined ? match : Object.defineProperty(match, SCHEMA, { value: schema })
}

export const isEventMatch = (value: unknown): value is EventMatch =>
  isObject(value) && 'kind' in value && value.kind === 'match' && 'equals' in value

/** The schema of the event type that it was made of, if that has one. */
export const schemaOf = (match: EventMatch): StandardSchemaV1 | undefined => match[SCHEMA]

function equalsOf(pattern: unknown, place: Place): Record<string, Scalar> {
  if (!isObject(pattern)) {
    throw refusal(place, 'it is not an object.', "Write what must be equal: { userId: 'u1' }.")
  }
  return Object.fromEntries(equalities(pattern, 'data', place))
}

function* equalities(pattern: object, path: string, place: Place): Generator<[string, Scalar]> {
  for (const [key, value] of Object.entries(pattern)) {
    if (!isWhole(key)) throw refusal(within(place, key), HALF, 'Use `if` with another part of it.')
    const below = path + segmentText(key)
    if (isScalar(value)) yield [below, value]
    else if (isPlain(value)) yield* equalities(value, below, within(place, key))
    else throw incomparable(value, within(place, key))
  }
}

const HALF = 'there is half of a character in this key.'

const isScalar = (value: unknown): value is Scalar =>
  value === null ||
  (typeof value === 'string' && isWhole(value)) ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value))

const isPlain = (value: unknown): value is object =>
  isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value))

// `undefined` most of all: left out silently it would match what it was meant to exclude.
const incomparable = (value: unknown, place: Place) =>
  refusal(
    place,
    `${value === undefined ? 'undefined' : `this ${typeof value}`} cannot be compared.`,
    'Give a text, a finite number, true, false or null; for anything else use `if`.',
  )
