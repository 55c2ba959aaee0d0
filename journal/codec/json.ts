import { JournalError } from '../error.ts'
import { assemble } from './assemble.ts'
import { isBytesKind } from './bytes.ts'
import { decodeValue } from './decode.ts'
import { dismantle } from './dismantle.ts'
import { DEPTH_MOST, NODE_DEPTH_MOST } from './limits.ts'
import { Form, type Node, type NodeMap, put, TAG, tag } from './tags.ts'

/**
 * A rendering of a storable value that `JSON.stringify` keeps whole. JSON data is itself; all else is
 * a tag as in tags.ts, made readable: bytes as base64, dates as ISO 8601 (`"invalid"`), and
 *
 *   {"$": "undefined"}  {"$": "-0"}  {"$": "NaN"}  {"$": "Infinity"}  {"$": "-Infinity"}
 *
 * A string is always itself. `{"$": 2}` is the third object of the value again (shared or a cycle).
 * Of the user's own objects only one with a key "$" alone is written `{"$": ["object", "$", ...]}`.
 *
 * Throws as `encodeValue` does, though for no size.
 */
export function toTaggedJson(value: unknown): unknown {
  return render(dismantle(value, ANY_SIZE, DEPTH_MOST))
}

/** `toTaggedJson` of the value that these bytes are. Most are JSON data, which is itself. */
export function storedToTaggedJson(bytes: Uint8Array): unknown {
  const value = decodeValue(bytes)
  return bytes[0] === Form.plain && isItself(value) ? value : toTaggedJson(value)
}

/** Whether JSON data can be read as nothing else, and holds no number that JSON has not. */
function isItself(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isItself)
  if (bodyOf(value) !== undefined) return false
  for (const key in value) if (!isItself(Reflect.get(value, key))) return false
  return true
}

/** The value that `toTaggedJson` rendered. Throws `JOURNAL_CORRUPT` if the JSON is no such rendering. */
export function fromTaggedJson(json: unknown): unknown {
  try {
    return assemble(restore(json, NODE_DEPTH_MOST))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new JournalError('JOURNAL_CORRUPT', `This JSON renders no value: ${why}.`, {
      hint: 'Pass JSON as the `perdure` command prints it. An object with "$" as its only key is a tag.',
      cause,
    })
  }
}

/** Bytes; eight times as many bits still make an exact number. */
const ANY_SIZE = 2 ** 48

function render(node: Node): Node {
  if (typeof node === 'number') return Number.isFinite(node) ? node : tag(String(node))
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return node
  if (Array.isArray(node)) return node.map(render)
  const body = bodyOf(node)
  if (body === undefined) return eachEntry(node, render)
  if (!Array.isArray(body)) return node
  const [kind, first] = body
  if (kind === 'date') {
    return tag([kind, Number.isNaN(first) ? 'invalid' : new Date(Number(first)).toISOString()])
  }
  if (first instanceof Uint8Array) {
    const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    return kind === 'string' ? bytes.toString('utf16le') : tag([kind!, bytes.toString('base64')])
  }
  return tag(body.map(render))
}

function restore(json: unknown, depth: number): Node {
  if (depth === 0) throw new Error('it nests too deep')
  if (typeof json === 'string' || typeof json === 'boolean' || json === null) return json
  if (typeof json === 'number') return json
  if (typeof json !== 'object') throw new Error(`${typeof json} is no JSON`)
  const inside = (item: unknown): Node => restore(item, depth - 1)
  if (Array.isArray(json)) return json.map(inside)
  const body = bodyOf(json)
  if (body === undefined) return eachEntry(json, inside)
  if (typeof body === 'number') return tag(body)
  if (typeof body === 'string') return body in LOST ? LOST[body]! : tag(body)
  if (!Array.isArray(body)) throw new Error('a tag says nothing')
  const [kind, first]: unknown[] = body
  if (kind === 'date') return tag([kind, first === 'invalid' ? Number.NaN : timeOf(first)])
  if (typeof kind === 'string' && isBytesKind(kind)) {
    return tag([kind, Buffer.from(String(first), 'base64')])
  }
  return tag(body.map(inside))
}

/** The numbers that JSON cannot say. */
const LOST: NodeMap = Object.assign(Object.create(null), {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
})

function timeOf(text: unknown): number {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new Error(`${String(text)} is no date`)
  return time
}

function bodyOf<T>(map: { readonly [key: string]: T }): T | undefined
function bodyOf(map: object): unknown
function bodyOf(map: object): unknown {
  const keys = Object.keys(map)
  return keys.length === 1 && keys[0] === TAG ? Reflect.get(map, TAG) : undefined
}

function eachEntry<T>(map: object, to: (item: T) => Node): NodeMap {
  const result: NodeMap = {}
  for (const [key, item] of Object.entries(map)) put(result, key, to(item))
  return result
}
