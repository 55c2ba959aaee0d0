import { types } from 'node:util'
import { AnyOf } from './literal.ts'

/** Steers the engine: without them a run would not go the way it went. */
const KEPT = new Set(['name', 'code', 'retryAfter'])

// Errors of others may name anything by their scope.
const keepsField = (error: Error, key: string): boolean =>
  KEPT.has(key) || (key === 'scope' && error.name === 'RetryAfterError')

/**
 * Puts placeholders of the same shape in the place of values: one text is always the same
 * placeholder, so that what matched still does.
 *
 * - `all`: texts, bytes, URLs and patterns, and what errors say. Numbers, bigints, booleans, dates
 *   and the keys of objects stay: code goes by them.
 * - `user.email,card`: everything in the properties that such a path of keys ends at, wherever they
 *   are; numbers become 0 there and dates 1970.
 * - `undefined`: nothing.
 *
 * Ids of runs, steps and events stay, as do names of errors and their `code`.
 */
export class Redaction {
  readonly #paths: readonly (readonly string[])[]
  readonly #all: boolean
  readonly #names = new Map<string, string>()

  constructor(rule: string | undefined) {
    this.#all = rule === 'all'
    const paths = rule === undefined || this.#all ? [] : rule.split(',')
    this.#paths = paths.map(path => path.trim().split('.'))
  }

  /** The value with placeholders. */
  of(value: unknown): unknown {
    return this.#copy(value, { path: [], hidden: false, asserted: false, seen: new Map() })
  }

  /** What a value that the code has made of such values can be compared with. */
  expected(value: unknown): unknown {
    return this.#copy(value, { path: [], hidden: false, asserted: true, seen: new Map() })
  }

  #copy(value: unknown, at: Place): unknown {
    switch (typeof value) {
      case 'string':
        return at.hidden || this.#all ? this.#leaf(at, String, this.#name(value)) : value
      case 'number':
        return at.hidden ? this.#leaf(at, Number, 0) : value
      case 'bigint':
        return at.hidden ? this.#leaf(at, BigInt, 0n) : value
      case 'object':
        return value === null ? null : this.#object(value, at)
      default:
        return value
    }
  }

  #object(value: object, at: Place): unknown {
    const known = at.seen.get(value)
    if (known !== undefined) return known
    const copy = this.#leafOf(value, at) ?? this.#container(value, at)
    at.seen.set(value, copy)
    return copy
  }

  /** Objects that hold no other values. */
  #leafOf(value: object, at: Place): object | undefined {
    const hides = at.hidden || this.#all
    if (types.isDate(value)) return at.hidden ? this.#leaf(at, Date, new Date(0)) : value
    if (value instanceof URL) {
      return hides
        ? this.#leaf(at, URL, new URL(`https://${this.#name(value.href)}.invalid/`))
        : value
    }
    if (types.isRegExp(value)) {
      return hides
        ? this.#leaf(at, RegExp, new RegExp(this.#name(value.source), value.flags))
        : value
    }
    if (!ArrayBuffer.isView(value) && !types.isAnyArrayBuffer(value)) return undefined
    return hides ? this.#leaf(at, Object, blank(value)) : value
  }

  #container(value: object, at: Place): object {
    const inside = (item: unknown): unknown => this.#copy(item, at)
    if (types.isMap(value)) {
      const map = new Map<unknown, unknown>()
      at.seen.set(value, map)
      for (const [key, item] of value) {
        const named = typeof key === 'string' ? this.#under(key, at) : at
        map.set(inside(key), this.#copy(item, named))
      }
      return map
    }
    if (types.isSet(value)) {
      const set = new Set<unknown>()
      at.seen.set(value, set)
      for (const item of value) set.add(inside(item))
      return set
    }
    return this.#properties(value, at)
  }

  #properties(value: object, at: Place): object {
    const isError = value instanceof Error
    const copy: object = Array.isArray(value)
      ? new Array(value.length)
      : Object.create(Object.getPrototypeOf(value))
    at.seen.set(value, copy)
    const hidden = isError ? ['name', 'message', 'cause', 'errors'] : []
    for (const key of new Set([...hidden, ...Object.keys(value)])) {
      const own = Object.getOwnPropertyDescriptor(value, key)
      if (own === undefined) continue
      const keeps = isError && keepsField(value, key)
      const place = Array.isArray(value) ? at : this.#under(key, at)
      const item = keeps ? own.value : this.#copy(own.value, place)
      Object.defineProperty(copy, key, { ...own, value: item })
    }
    return copy
  }

  #under(key: string, at: Place): Place {
    const path = [...at.path, key]
    const hidden = at.hidden || this.#paths.some(wanted => endsWith(path, wanted))
    return { ...at, path, hidden }
  }

  #leaf<Value>(at: Place, kind: { readonly name: string }, placeholder: Value): Value | object {
    return at.asserted ? new AnyOf(kind.name) : placeholder
  }

  #name(value: string): string {
    const name = this.#names.get(value) ?? `redacted-${this.#names.size + 1}`
    this.#names.set(value, name)
    return name
  }
}

interface Place {
  readonly path: readonly string[]
  /** Whether a path that is to be redacted leads here. */
  readonly hidden: boolean
  readonly asserted: boolean
  readonly seen: Map<object, object>
}

const endsWith = (path: readonly string[], end: readonly string[]): boolean =>
  end.every((key, at) => path[path.length - end.length + at] === key)

/** As many bytes, all zero. */
function blank(value: object): object {
  if (Buffer.isBuffer(value)) return Buffer.alloc(value.length)
  const copy = structuredClone(value)
  if (ArrayBuffer.isView(copy)) {
    new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength).fill(0)
  } else if (types.isArrayBuffer(copy)) new Uint8Array(copy).fill(0)
  return copy
}
