import { types } from 'node:util'
import { JournalError } from '../error.ts'
import { bytesIn } from './bytes.ts'
import { errorParts } from './error-parts.ts'
import { keyText, type PathStep, tooDeep, tooLarge, unstorable, whatIs } from './refusal.ts'
import { isExact, type Node, type NodeMap, TAG, tag } from './tags.ts'

/** The node of any storable value (grammar in tags.ts). Throws as `encodeValue` does. */
export function dismantle(value: unknown, room: number, depth: number): Node {
  const walk = new Dismantling(room, depth)
  try {
    return walk.node(value)
  } catch (error) {
    if (error instanceof JournalError) throw error
    throw unstorable(walk.path, THROWS, error)
  }
}

class Dismantling {
  readonly path: PathStep[] = []
  readonly #numbers = new Map<object, number>()
  readonly #room: number
  readonly #depth: number
  #used = 0

  constructor(room: number, depth: number) {
    this.#room = room
    this.#depth = depth
  }

  node(value: unknown): Node {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        if (Number.isNaN(value)) return Number.NaN
        return Object.is(value, -0) ? tag('-0') : value
      case 'boolean':
        return value
      case 'undefined':
        return tag('undefined')
      case 'bigint':
        return tag(['bigint', this.#hex(value)])
      case 'object':
        return value === null ? null : this.#object(value)
      default:
        throw unstorable(this.path, whatIs(value))
    }
  }

  #object(value: object): Node {
    const number = this.#numbers.get(value)
    if (number !== undefined) return tag(number)
    if (this.path.length >= this.#depth) throw tooDeep(this.path, this.#depth)
    this.#numbers.set(value, this.#numbers.size)
    if (Array.isArray(value)) return this.#array(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype) return this.#plain(value)
    if (prototype === null)
      return tag(['null', ...this.#properties(value, keysOf(value, this.path))])
    if (types.isNativeError(value) || value instanceof Error) return tag(this.#error(value))
    return tag(this.#builtIn(value, prototype))
  }

  #plain(value: object): Node {
    const keys = keysOf(value, this.path)
    const isMap = keys.every(key => key !== '__proto__' && isExact(key))
    if (!isMap || (keys.length === 1 && keys[0] === TAG)) {
      return tag(['object', ...this.#properties(value, keys)])
    }
    const map: NodeMap = {}
    for (const key of keys) {
      this.#charge(key.length)
      map[key] = this.#at(key, this.#read(value, key))
    }
    return map
  }

  #array(value: readonly unknown[]): Node {
    if (Object.getPrototypeOf(value) !== Array.prototype) throw unstorable(this.path, whatIs(value))
    const keys = keysOf(value, this.path)
    this.#charge(keys.length)
    // Indexes come first, so the last key tells whether all are there and nothing else is.
    if (
      keys.length === value.length &&
      (keys.length === 0 || keys.at(-1) === `${value.length - 1}`)
    ) {
      const nodes: Node[] = []
      for (let index = 0; index < value.length; index++)
        nodes.push(this.#at(index, this.#read(value, index)))
      return nodes
    }
    const nodes: Node[] = ['array', value.length]
    for (const key of keys) {
      const index = Number(key) >>> 0
      const step = `${index}` === key && index < value.length ? index : key
      nodes.push(
        typeof step === 'number' ? step : this.#text(step),
        this.#at(step, this.#read(value, key)),
      )
    }
    return tag(nodes)
  }

  #error(value: Error): Node[] {
    const { name, hidden, fields } = errorParts(value)
    const nodes: Node[] = ['error', name, hidden.length]
    for (const [key, part] of hidden) nodes.push(this.#text(key), this.#at(key, part))
    return [...nodes, ...this.#properties(value, fields)]
  }

  #builtIn(value: object, prototype: unknown): Node[] {
    const bytes = bytesIn(value)
    if (bytes !== undefined) {
      this.#charge(bytes.content.length)
      if (bytes.extra) throw unstorable(this.path, `${bytes.kind} with properties of its own`)
      return [bytes.kind, bytes.content]
    }
    const nodes = this.#known(value, prototype)
    if (nodes === undefined) throw unstorable(this.path, whatIs(value))
    if (keysOf(value, this.path).length > 0) {
      throw unstorable(this.path, `${whatIs(value)} with properties of its own`)
    }
    return nodes
  }

  #known(value: object, prototype: unknown): Node[] | undefined {
    if (types.isDate(value) && prototype === Date.prototype) return ['date', value.getTime()]
    if (types.isMap(value) && prototype === Map.prototype) return ['map', ...this.#entries(value)]
    if (types.isSet(value) && prototype === Set.prototype) {
      return [
        'set',
        ...[...value].map((item, index) => this.#at(expression(`values()[${index}]`), item)),
      ]
    }
    if (types.isRegExp(value) && prototype === RegExp.prototype) {
      const lastIndex = this.#at('lastIndex', value.lastIndex)
      return ['regexp', this.#text(value.source), value.flags, lastIndex]
    }
    if (value instanceof URL && prototype === URL.prototype) return ['url', this.#text(value.href)]
    return undefined
  }

  #entries(map: ReadonlyMap<unknown, unknown>): Node[] {
    const nodes: Node[] = []
    for (const [key, value] of map) {
      nodes.push(this.#at(expression(`keys()[${nodes.length / 2}]`), key))
      nodes.push(this.#at(expression(`get(${keyText(key)})`), value))
    }
    return nodes
  }

  #properties(value: object, keys: readonly string[]): Node[] {
    return keys.flatMap(key => [this.#text(key), this.#at(key, this.#read(value, key))])
  }

  // Whoever has to mend it looks for the property, not for what it is a property of.
  #read(holder: object, key: string | number): unknown {
    try {
      return Reflect.get(holder, key)
    } catch (error) {
      throw unstorable([...this.path, key], THROWS, error)
    }
  }

  #at(step: PathStep, value: unknown): Node {
    this.path.push(step)
    const node = this.node(value)
    this.path.pop()
    return node
  }

  #text(text: string): Node {
    this.#charge(text.length)
    return isExact(text) ? text : tag(['string', Buffer.from(text, 'utf16le')])
  }

  #hex(value: bigint): string {
    if (BigInt.asIntN(8 * this.#room, value) !== value) throw tooLarge(this.#room + 1, this.#room)
    return value.toString(16)
  }

  #charge(size: number): void {
    this.#used += size
    if (this.#used > this.#room) throw tooLarge(this.#used, this.#room)
  }
}

const THROWS = 'a property that throws when it is read'

const expression = (text: string): PathStep => ({ expression: text })

function keysOf(value: object, path: readonly PathStep[]): string[] {
  const symbol = Object.getOwnPropertySymbols(value)[0]
  if (symbol !== undefined) throw unstorable(path, `object with the symbol key ${String(symbol)}`)
  return Object.keys(value)
}
