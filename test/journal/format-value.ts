import { type Item, type ItemMap, unpack } from './format-msgpack.ts'

/** The value of stored bytes, as the last chapter of docs/journal-format.md says. */
export function decodeBytes(bytes: Uint8Array, onTag: (kind: string) => void = () => {}): unknown {
  const form = bytes[0]
  if (form === 0x10) {
    if (bytes.length > 1) throw new Error('bytes follow undefined')
    return undefined
  }
  if (form !== 0x11 && form !== 0x12) throw new Error(`form ${form} is unknown`)
  return new Building(form === 0x12, onTag).node(unpack(bytes, 1))
}

/** Builds a value from its item, counting objects as they open. */
class Building {
  readonly #tagged: boolean
  readonly #onTag: (kind: string) => void
  readonly #objects: object[] = []

  constructor(tagged: boolean, onTag: (kind: string) => void) {
    this.#tagged = tagged
    this.#onTag = onTag
  }

  node(item: Item): unknown {
    if (item instanceof Uint8Array) throw new Error('a bin stands outside of a tag')
    if (item instanceof Map) return this.#map(item)
    if (!isList(item)) return item
    const array: unknown[] = this.#open([])
    for (const part of item) array.push(this.node(part))
    return array
  }

  #map(map: ItemMap): unknown {
    const body = map.size === 1 ? map.get('$') : undefined
    if (this.#tagged && body !== undefined) return this.#tag(body)
    const object = this.#open({})
    for (const [key, item] of map) own(object, key, this.node(item))
    return object
  }

  #tag(body: Item): unknown {
    if (body === 'undefined') return undefined
    if (body === '-0') return -0
    if (typeof body === 'number') return this.#objects[body]
    if (!isList(body)) throw new Error('a tag says nothing')
    const [kind, ...parts] = body
    if (typeof kind !== 'string') throw new Error('a tag has no kind')
    this.#onTag(kind)
    return this.#kind(kind, parts)
  }

  #kind(kind: string, parts: readonly Item[]): unknown {
    const [first = null] = parts
    switch (kind) {
      case 'bigint': {
        const [, minus, hex] = /^(-?)([0-9a-f]+)$/.exec(String(first)) ?? []
        return BigInt(`0x${hex}`) * (minus === '' ? 1n : -1n)
      }
      case 'string':
        return textOf(new Map([['$', [kind, first]]]))
      case 'object':
        return this.#pairs(this.#open({}), parts)
      case 'null':
        return this.#pairs(this.#open(Object.create(null)), parts)
      case 'array':
        return this.#pairs(this.#open(new Array(Number(first))), parts.slice(1))
      case 'date':
        return this.#open(new Date(Number(first)))
      case 'url':
        return this.#open(new URL(textOf(first)))
      case 'set': {
        const set = this.#open(new Set<unknown>())
        for (const part of parts) set.add(this.node(part))
        return set
      }
      case 'map':
        return this.#mapOf(parts)
      case 'regexp': {
        const regexp = this.#open(new RegExp(textOf(first), textOf(parts[1] ?? null)))
        regexp.lastIndex = Number(this.node(parts[2] ?? null))
        return regexp
      }
      case 'error':
        return this.#error(parts)
      default:
        return this.#open(bytesOf(kind, first))
    }
  }

  #mapOf(parts: readonly Item[]): Map<unknown, unknown> {
    const map = this.#open(new Map<unknown, unknown>())
    for (let at = 0; at < parts.length; at += 2) {
      const key = this.node(parts[at] ?? null)
      map.set(key, this.node(parts[at + 1] ?? null))
    }
    return map
  }

  #error([name, hidden, ...parts]: readonly Item[]): object {
    const error = this.#open(Reflect.construct(classOf(String(name)), [[]]))
    for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key)
    for (let at = 0; at < parts.length; at += 2) {
      const value = this.node(parts[at + 1] ?? null)
      own(error, textOf(parts[at] ?? null), value, at >= Number(hidden) * 2)
    }
    return error
  }

  #pairs<T extends object>(target: T, parts: readonly Item[]): T {
    for (let at = 0; at < parts.length; at += 2) {
      const key = parts[at] ?? null
      const name = typeof key === 'number' ? String(key) : textOf(key)
      own(target, name, this.node(parts[at + 1] ?? null))
    }
    return target
  }

  #open<T extends object>(object: T): T {
    this.#objects.push(object)
    return object
  }
}

const isList = (item: Item): item is readonly Item[] => Array.isArray(item)

function textOf(item: Item): string {
  if (typeof item === 'string') return item
  const body = item instanceof Map ? item.get('$') : undefined
  if (Array.isArray(body) && body[0] === 'string' && body[1] instanceof Uint8Array) {
    return Buffer.from(body[1]).toString('utf16le')
  }
  throw new Error('a string is missing')
}

function own(target: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true })
}

function bytesOf(kind: string, content: Item): object {
  if (!(content instanceof Uint8Array)) throw new Error(`there is no kind ${kind}`)
  const { buffer } = new Uint8Array(content)
  if (kind === 'ArrayBuffer') return buffer
  return kind === 'Buffer' ? Buffer.from(buffer) : Reflect.construct(classOf(kind), [buffer])
}

interface Class {
  readonly prototype: object
  new (...parts: unknown[]): object
}

function classOf(name: string): Class {
  const found: unknown = Reflect.get(globalThis, name)
  if (!isClass(found)) throw new Error(`there is no class ${name}`)
  return found
}

const isClass = (value: unknown): value is Class => typeof value === 'function'
