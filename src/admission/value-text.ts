import { createHash } from 'node:crypto'
import { types } from 'node:util'

/** Longer texts are replaced by `#` and their SHA-256, with which no JSON text begins. */
const LONGEST = 200
const DEEPEST = 50

/**
 * The value of a key as JSON text: equal values have the same text, different ones different texts.
 * The order of properties does not count; what is missing is null; a bigint is the number that it
 * equals; what JSON does not have is an object with one property that begins with `$`. Throws a
 * TypeError for what is too deep, and for functions, promises and other things that are no data.
 */
export function valueText(value: unknown): string {
  const text = written(value, 0)
  if (text.length <= LONGEST) return text
  return `#${createHash('sha256').update(text).digest('hex')}`
}

function written(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : `{"$number":"${value}"}`
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? `${value}` : `{"$bigint":"${value}"}`
    case 'boolean':
      return String(value)
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : objectText(value, depth + 1)
    default:
      throw new TypeError(`A ${typeof value} cannot be the value of a key.`)
  }
}

function objectText(value: object, depth: number): string {
  if (depth > DEEPEST) throw new TypeError('The value of a key is too deep.')
  const inside = (item: unknown): string => written(item, depth)
  if (Array.isArray(value)) return `[${Array.from(value, inside).join()}]`
  if (isPlain(value)) return plainText(value, inside)
  if (types.isDate(value)) return `{"$date":"${value.getTime()}"}`
  if (types.isMap(value)) {
    const entries = Array.from(value, ([key, item]) => `[${inside(key)},${inside(item)}]`)
    return `{"$map":[${entries.sort().join()}]}`
  }
  if (types.isSet(value)) return `{"$set":[${Array.from(value, inside).sort().join()}]}`
  if (types.isUint8Array(value)) return `{"$bytes":"${Buffer.from(value).toString('base64')}"}`
  if (value instanceof URL) return `{"$url":${JSON.stringify(value.href)}}`
  throw new TypeError(`A ${value.constructor?.name ?? 'thing'} cannot be the value of a key.`)
}

/** A property that begins with `$` gets another `$`, so that it is not taken for what JSON lacks. */
function plainText(value: object, inside: (item: unknown) => string): string {
  const texts = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key.replace(/^\$/, '$$$$'))}:${inside(item)}`,
  )
  return `{${texts.sort().join()}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
