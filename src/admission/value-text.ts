import { createHash } from 'node:crypto'
import { types } from 'node:util'

/** Longer texts are replaced by `#`, with which no JSON text begins, and their SHA-256. */
const LONGEST = 200
/** How many values may be inside each other, and how many there may be in all. */
const DEEPEST = 50
const MOST = 10_000

/**
 * The value of a key as JSON text: equal values have the same text, different ones different texts.
 * The order of properties does not count; what is missing is null; a bigint is the number that it
 * equals; what JSON does not have is an object with one property that begins with `$`. Throws a
 * TypeError for what is too deep or too much, and for functions, promises and others that are no
 * data.
 */
export function valueText(value: unknown): string {
  const text = new Writing().of(value, 0)
  if (text.length <= LONGEST) return text
  return `#${createHash('sha256').update(text).digest('hex')}`
}

class Writing {
  #values = 0

  of(value: unknown, depth: number): string {
    if (depth > DEEPEST || ++this.#values > MOST) throw unfit('something that large')
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value)
      case 'number':
        return Number.isFinite(value) ? JSON.stringify(value) : `{"$number":"${value}"}`
      case 'bigint':
        return bigintText(value)
      case 'boolean':
        return String(value)
      case 'undefined':
        return 'null'
      case 'object':
        return value === null ? 'null' : this.#object(value, depth + 1)
      default:
        throw unfit(`a ${typeof value}`)
    }
  }

  #object(value: object, depth: number): string {
    const inside = (item: unknown): string => this.of(item, depth)
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
    throw unfit(`a ${value.constructor?.name ?? 'thing'}`)
  }
}

function bigintText(value: bigint): string {
  const number = Number(value)
  const isNumber = Number.isFinite(number) && BigInt(number) === value
  return isNumber ? JSON.stringify(number) : `{"$bigint":"${value}"}`
}

/** A property that begins with `$` gets another `$`, so that it is not taken for what JSON lacks. */
function plainText(value: object, inside: (item: unknown) => string): string {
  const texts = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key.startsWith('$') ? `$${key}` : key)}:${inside(item)}`,
  )
  return `{${texts.sort().join()}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const unfit = (what: string): TypeError => new TypeError(`The value of a key cannot be ${what}.`)
