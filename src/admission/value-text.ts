import { createHash } from 'node:crypto'
import { types } from 'node:util'

/** Longer texts are replaced by `#`, with which no JSON text begins, and their SHA-256. */
const LONGEST = 200
/** How many values may be inside each other, more than are stored so, and how many there may be in all. */
const DEEPEST = 300
const MOST = 10_000

/**
 * The value of a key as JSON text: equal values have the same text, different ones different texts.
 * The order of properties does not count, nor the stack of an error; what is undefined is null; a
 * bigint is the number that it equals; what JSON does not have is an object with one property that
 * begins with `$`. Takes what can be stored. Throws a TypeError for what is too much, and for
 * functions, promises and others that are no data.
 */
export function valueText(value: unknown): string {
  const text = new Writing().of(value)
  if (text.length <= LONGEST) return text
  return `#${createHash('sha256').update(text).digest('hex')}`
}

class Writing {
  #values = 0
  /** Objects that are under way, outermost first. */
  readonly #open: object[] = []

  of(value: unknown): string {
    if (++this.#values > MOST) throw unfit('something that large')
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
        return value === null ? 'null' : this.#object(value)
      default:
        throw unfit(`a ${typeof value}`)
    }
  }

  #object(value: object): string {
    const at = this.#open.indexOf(value)
    if (at !== -1) return `{"$cycle":${this.#open.length - at}}`
    if (this.#open.length > DEEPEST) throw unfit('something that deep')
    this.#open.push(value)
    const text = this.#text(value)
    this.#open.pop()
    return text
  }

  #text(value: object): string {
    const inside = (item: unknown): string => this.of(item)
    if (Array.isArray(value)) return listText(value, inside)
    if (isPlain(value)) return fieldsText(Object.entries(value), inside)
    if (types.isDate(value)) return `{"$date":"${value.getTime()}"}`
    if (types.isMap(value)) {
      const entries = Array.from(value, ([key, item]) => `[${inside(key)},${inside(item)}]`)
      return `{"$map":[${entries.sort().join()}]}`
    }
    if (types.isSet(value)) return `{"$set":[${Array.from(value, inside).sort().join()}]}`
    if (types.isRegExp(value))
      return `{"$regexp":[${JSON.stringify(value.source)},"${value.flags}"]}`
    if (value instanceof URL) return `{"$url":${JSON.stringify(value.href)}}`
    if (types.isNativeError(value) || value instanceof Error) return errorText(value, inside)
    return bytesText(value)
  }
}

type Inside = (item: unknown) => string

function bigintText(value: bigint): string {
  const number = Number(value)
  const isNumber = Number.isFinite(number) && BigInt(number) === value
  return isNumber ? JSON.stringify(number) : `{"$bigint":"${value}"}`
}

function listText(list: readonly unknown[], inside: Inside): string {
  const items = `[${Array.from(list, inside).join()}]`
  const named = Object.entries(list).filter(([key]) => !INDEX.test(key))
  return named.length === 0 ? items : `{"$list":[${items},${fieldsText(named, inside)}]}`
}

const INDEX = /^\d+$/

/** A property that begins with `$` gets another `$`, so that it is not taken for what JSON lacks. */
function fieldsText(fields: Iterable<readonly [string, unknown]>, inside: Inside): string {
  const texts = Array.from(
    fields,
    ([key, item]) => `${JSON.stringify(key.startsWith('$') ? `$${key}` : key)}:${inside(item)}`,
  )
  return `{${texts.sort().join()}}`
}

// Name, message and what it comes from are there, but not enumerable.
function errorText(error: Error, inside: Inside): string {
  const { name, message, cause } = error
  const errors = error instanceof AggregateError ? error.errors : undefined
  const fields = Object.entries({ ...error, name, message, cause, errors })
  const told = fields.filter(([, held]) => held !== undefined)
  return `{"$error":${fieldsText(told, inside)}}`
}

function bytesText(value: object): string {
  const text = bytesIn(value)?.toString('base64')
  if (text === undefined) throw unfit(`a ${value.constructor?.name ?? 'thing'}`)
  if (types.isUint8Array(value)) return `{"$bytes":"${text}"}`
  return `{"$bytes":["${Object.prototype.toString.call(value)}","${text}"]}`
}

function bytesIn(value: object): Buffer | undefined {
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value)
  if (!ArrayBuffer.isView(value)) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const unfit = (what: string): TypeError => new TypeError(`The value of a key cannot be ${what}.`)
