import { bytesFrom, isBytesKind } from './bytes.ts'
import { blankError } from './error-parts.ts'
import { put, TAG } from './tags.ts'

/**
 * The value of a node (grammar in tags.ts). Objects and arrays of the node become those of the value:
 * hand over a node nobody else holds. Throws an ordinary error if this is no node.
 */
export function assemble(node: unknown): unknown {
  return new Assembling().value(node)
}

class Assembling {
  readonly #objects: object[] = []

  value(node: unknown): unknown {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) return this.#array(node)
    if (node instanceof Uint8Array) throw new Error('bytes stand outside of a tag')
    const keys = Object.keys(node)
    if (keys.length === 1 && keys[0] === TAG) return this.#tagged(Reflect.get(node, TAG))
    this.#objects.push(node)
    for (const key of keys) {
      const item: unknown = Reflect.get(node, key)
      if (typeof item === 'object' && item !== null) put(node, key, this.value(item))
    }
    return node
  }

  #array(nodes: unknown[]): unknown[] {
    this.#objects.push(nodes)
    for (let index = 0; index < nodes.length; index++) nodes[index] = this.value(nodes[index])
    return nodes
  }

  #tagged(body: unknown): unknown {
    if (body === 'undefined') return undefined
    if (body === '-0') return -0
    if (typeof body === 'number') {
      const known = this.#objects[body]
      if (known === undefined) throw new Error(`there is no object ${body} yet`)
      return known
    }
    if (!Array.isArray(body)) throw new Error('a tag says nothing')
    const [kind, ...parts]: unknown[] = body
    if (typeof kind !== 'string') throw new Error('a tag has no kind')
    return this.#kind(kind, parts)
  }

  #kind(kind: string, parts: unknown[]): unknown {
    switch (kind) {
      case 'bigint':
        return bigintOf(parts[0])
      case 'string':
        return this.#text({ [TAG]: [kind, ...parts] })
      case 'object':
        return this.#properties(this.#open({}), parts)
      case 'null':
        return this.#properties(this.#open(Object.create(null)), parts)
      case 'array':
        return this.#sparse(parts)
      case 'date':
        return this.#open(new Date(numberOf(parts[0])))
      case 'map':
        return this.#map(parts)
      case 'set':
        return this.#set(parts)
      case 'regexp':
        return this.#regexp(parts)
      case 'url':
        return this.#open(new URL(this.#text(parts[0])))
      case 'error':
        return this.#error(parts)
      default:
        return this.#open(bytesOf(kind, parts[0]))
    }
  }

  #open<T extends object>(object: T): T {
    this.#objects.push(object)
    return object
  }

  #properties<T extends object>(target: T, parts: readonly unknown[]): T {
    for (let at = 0; at < parts.length; at += 2) {
      put(target, this.#text(parts[at]), this.value(parts[at + 1]))
    }
    return target
  }

  #sparse(parts: readonly unknown[]): unknown[] {
    const array: unknown[] = this.#open([])
    array.length = numberOf(parts[0])
    for (let at = 1; at < parts.length; at += 2) {
      const key = parts[at]
      put(array, typeof key === 'number' ? `${key}` : this.#text(key), this.value(parts[at + 1]))
    }
    return array
  }

  #map(parts: readonly unknown[]): Map<unknown, unknown> {
    const map = this.#open(new Map<unknown, unknown>())
    for (let at = 0; at < parts.length; at += 2) {
      map.set(this.value(parts[at]), this.value(parts[at + 1]))
    }
    return map
  }

  #set(parts: readonly unknown[]): Set<unknown> {
    const set = this.#open(new Set<unknown>())
    for (const part of parts) set.add(this.value(part))
    return set
  }

  #regexp([source, flags, lastIndex]: readonly unknown[]): RegExp {
    const regexp = this.#open(new RegExp(this.#text(source), this.#text(flags)))
    Reflect.set(regexp, 'lastIndex', this.value(lastIndex))
    return regexp
  }

  #error([base, count, ...parts]: readonly unknown[]): Error {
    const hidden = numberOf(count) * 2
    const own = (wanted: string): string => {
      const at = parts.indexOf(wanted)
      return at >= 0 && at < hidden && at % 2 === 0 ? this.#text(parts[at + 1]) : ''
    }
    const isDom = base === 'DOMException'
    const error = isDom
      ? blankError(base, own('message'), own('name'))
      : blankError(this.#text(base), '', '')
    if (error === undefined) throw new Error(`there is no error class ${String(base)}`)
    this.#open(error)
    for (let at = 0; at < hidden; at += 2) {
      const key = this.#text(parts[at])
      const value = this.value(parts[at + 1])
      if (isDom && (key === 'name' || key === 'message')) continue // it has them inside
      Object.defineProperty(error, key, { value, writable: true, configurable: true })
    }
    return this.#properties(error, parts.slice(hidden))
  }

  #text(node: unknown): string {
    if (typeof node === 'string') return node
    const body: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, TAG) : node
    const content: unknown = Array.isArray(body) && body[0] === 'string' ? body[1] : undefined
    if (!(content instanceof Uint8Array)) throw new Error('a string is missing')
    return Buffer.from(content).toString('utf16le')
  }
}

function numberOf(part: unknown): number {
  if (typeof part !== 'number') throw new Error('a number is missing')
  return part
}

function bigintOf(hex: unknown): bigint {
  if (typeof hex !== 'string' || !/^-?[0-9a-f]+$/.test(hex)) throw new Error('no sixteens')
  return hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`)
}

function bytesOf(kind: string, content: unknown): object {
  if (!isBytesKind(kind) || !(content instanceof Uint8Array)) throw new Error(`no kind: ${kind}`)
  const bytes = bytesFrom(kind, content)
  if (bytes === undefined) throw new Error(`this runtime has no such ${kind}`)
  return bytes
}
