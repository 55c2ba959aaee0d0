import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Secrets } from '../inspect/secrets.ts'

const MOST = 200
const DEEPEST = 6

/**
 * A stored value in one line for people: its secrets masked, not much longer than `most`. `of`: names of
 * those whose data it is.
 */
export const valueText = (
  bytes: Uint8Array,
  secrets: Pick<Secrets, 'mask'>,
  most: number = MOST,
  of?: readonly string[],
): string => jsonText(secrets.mask(toTaggedJson(decodeValue(bytes)), of), most)

/** Data of events or runs of these names. */
export const dataText = (
  bytes: Uint8Array,
  of: readonly string[] | undefined,
  secrets: Pick<Secrets, 'mask'>,
): string => valueText(bytes, secrets, MOST, of)

/** The same, of what `toTaggedJson` gave and was masked. */
export function jsonText(json: unknown, most: number = MOST): string {
  const text = rendered(json, DEEPEST, { left: most })
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 3))}...`
}

/** How many characters there is still room for: what does not fit is not rendered. */
interface Room {
  left: number
}

function rendered(json: unknown, depth: number, room: Room): string {
  if (typeof json !== 'object' || json === null) return leaf(json, room)
  if (depth === 0) return '...'
  if (Array.isArray(json)) return `[${list(json, depth, room)}]`
  const entries = Object.entries(json)
  const [first] = entries
  if (first?.[0] === '$' && entries.length === 1) return tagged(first[1], depth, room)
  return `{${propertyList(entries, depth, room)}}`
}

function leaf(json: unknown, room: Room): string {
  const text =
    typeof json === 'string'
      ? JSON.stringify(json.slice(0, Math.max(0, room.left) + 1))
      : String(json)
  room.left -= text.length
  return text
}

/** What JSON cannot say, as JavaScript would (journal/codec/json.ts). */
function tagged(body: unknown, depth: number, room: Room): string {
  if (typeof body === 'number') return '[again]'
  if (!Array.isArray(body)) return leaf(body, room).replaceAll('"', '')
  const [kind, ...rest] = body
  switch (kind) {
    case 'bigint':
      return bigintText(String(rest[0]))
    case 'date':
    case 'url':
      return String(rest[0])
    case 'regexp':
      return `/${String(rest[0])}/${String(rest[1])}`
    case 'error':
      return errorText(rest)
    case 'map':
      return `Map {${mapList(pairs(rest), depth, room)}}`
    case 'set':
      return `Set {${list(rest, depth, room)}}`
    case 'array':
      return `[${list(rest.slice(1), depth, room)}]`
    case 'object':
    case 'null':
      return `{${propertyList(pairs(rest), depth, room)}}`
    default:
      return `${String(kind)} (${bytesIn(rest[0])})`
  }
}

function errorText([name, hidden, ...fields]: readonly unknown[]): string {
  const own = new Map(pairs(fields.slice(0, 2 * Number(hidden))))
  const all = new Map([...pairs(fields), ...own])
  const [title, message] = [all.get('name') ?? name, all.get('message')]
  const told = typeof message === 'string' ? message.slice(0, MOST) : ''
  return told === '' ? String(title) : `${String(title)}: ${told}`
}

const bytesIn = (base64: unknown): string =>
  `${typeof base64 === 'string' ? Buffer.byteLength(base64, 'base64') : 0} bytes`

function bigintText(hex: string): string {
  const digits = hex.replace('-', '')
  if (digits.length > 64) return `${hex.slice(0, 64)}... (sixteens)`
  return `${hex.startsWith('-') ? '-' : ''}${BigInt(`0x${digits}`)}n`
}

function pairs(items: readonly unknown[]): [unknown, unknown][] {
  const all: [unknown, unknown][] = []
  for (let at = 0; at + 1 < items.length; at += 2) all.push([items[at], items[at + 1]])
  return all
}

const list = (items: readonly unknown[], depth: number, room: Room): string =>
  listed(items, room, item => rendered(item, depth - 1, room))

const propertyList = (
  entries: readonly (readonly [unknown, unknown])[],
  depth: number,
  room: Room,
): string =>
  listed(entries, room, ([key, item]) => `${named(key)}: ${rendered(item, depth - 1, room)}`)

const mapList = (
  entries: readonly (readonly [unknown, unknown])[],
  depth: number,
  room: Room,
): string =>
  listed(entries, room, ([key, item]) =>
    [key, item].map(part => rendered(part, depth - 1, room)).join(' => '),
  )

function listed<T>(items: readonly T[], room: Room, text: (item: T) => string): string {
  const told: string[] = []
  for (const item of items) {
    if (room.left <= 0) {
      told.push('...')
      break
    }
    told.push(text(item))
    room.left -= 2
  }
  return told.join(', ')
}

const named = (key: unknown): string => {
  const text = typeof key === 'string' ? key : String(key)
  return /^[\w$]+$/.test(text) ? text : JSON.stringify(text)
}
