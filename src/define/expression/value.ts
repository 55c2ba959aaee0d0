/*
 * Values are what the codec gives: `undefined` is missing, everything else is itself. Only plain
 * objects, arrays and Maps can be looked into, and there only at what they hold themselves:
 * no prototype, no getter and no method of a value is ever reached.
 */

/** A length of time, as `duration("1h")` gives it. */
export class Span {
  readonly ms: number

  constructor(ms: number) {
    this.ms = ms
  }
}

/**
 * What an expression finds under a key: names in objects (a number is its digits), positions in
 * arrays, either in Maps.
 */
export function memberOf(value: unknown, key: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return typeof key === 'number' ? elementOf(value, key) : undefined
  const isName = typeof key === 'string' || typeof key === 'number'
  if (isName && isPlain(value)) return ownValue(value, key)
  return value instanceof Map ? Map.prototype.get.call(value, key) : undefined
}

/** What an expression finds at a path below a value: `valueAt(event, ['data', 'items', 0])`. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) found = memberOf(found, key)
  return found
}

/**
 * A text that is the same for two values exactly if `==` holds between them, where one of them is
 * a literal of an index term. `undefined` for what no such literal equals. A missing value has the
 * key of null, as `missing == null` holds.
 */
export function termKey(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return `s${value}`
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      // The text of -0 is that of 0, which it equals.
      return Number.isFinite(value) ? `n${value}` : undefined
    case 'bigint':
      return termKey(numberOf(value))
    default:
      return value === undefined || value === null ? 'null' : undefined
  }
}

/** A bigint as the number that it equals, if there is one; else as it is not indexable: NaN. */
function numberOf(value: bigint): number {
  const number = Number(value)
  return Number.isFinite(number) && BigInt(number) === value ? number : Number.NaN
}

export type Indexable = string | number | boolean | null

/** Whether a literal may stand in an index term. */
export function isIndexable(value: unknown): value is Indexable {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'string' || typeof value === 'boolean' || value === null
}

/** As in JavaScript: false, 0, NaN, "", null and what is missing are not. */
export const isTruthy = (value: unknown): boolean => Boolean(value)

export const isMissing = (value: unknown): value is null | undefined =>
  value === undefined || value === null

export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The elements that macros, `in` and `size` see: those of lists and Sets, the keys of maps. */
export function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (isMissing(value)) return []
  if (Array.isArray(value)) return value
  if (value instanceof Set) return [...Set.prototype.values.call(value)]
  if (value instanceof Map) return [...Map.prototype.keys.call(value)]
  return isPlain(value) ? Object.keys(value) : undefined
}

export function elementOf(list: readonly unknown[], position: number): unknown {
  return Number.isInteger(position) && position >= 0 ? ownValue(list, position) : undefined
}

/** A list's elements without running a getter among them. */
export const copyOf = (list: readonly unknown[]): unknown[] =>
  Array.from({ length: list.length }, (_, position) => elementOf(list, position))

export function ownValue(value: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value
}

/** Milliseconds of a Date; its own methods may have been replaced, the built-in one has not. */
export const timeOf = (date: Date): number => Date.prototype.getTime.call(date)
