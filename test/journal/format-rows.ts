import { crc32 } from 'node:zlib'
import { type Field, type FormatDocument, type Shapes, shape } from './format-document.ts'
import { type Item, type ItemMap, unpack } from './format-msgpack.ts'

/** A row of the store, opened: what its key and its envelope say, and its body. */
export interface Row {
  readonly key: string
  readonly kind: string
  /** The named parts of the key. */
  readonly names: Readonly<Record<string, string>>
  readonly epoch: number
  readonly check: number
  readonly body: Item
  /** The whole value, as it is stored. */
  readonly value: Uint8Array
}

/** Opens rows as docs/journal-format.md says, and throws where one is not as it says. */
export class RowReader {
  readonly #document: FormatDocument

  constructor(document: FormatDocument) {
    this.#document = document
  }

  open(key: string, value: Uint8Array): Row {
    for (const { pattern, kind } of this.#document.keys) {
      const match = pattern.exec(key)
      if (match === null) continue
      const { epoch, check, body } = openEnvelope(key, value)
      this.#check(key, body, kind)
      return { key, kind, names: { ...match.groups }, epoch, check, body, value }
    }
    throw new Error(`${key}: no key of a journal`)
  }

  #check(key: string, body: Item, kind: string): void {
    if (!this.#document.rows.has(kind)) throw new Error(`${key}: no kind of row: ${kind}`)
    const { rows, entries, posted } = this.#document
    const fields = rows.get(kind) ?? 'nil'
    if (fields === 'any') return
    if (fields === 'entry') return mustBeEntry(key, mapOf(body), posted)
    if (fields === 'nil') {
      if (body !== null) throw new Error(`${key}: the body is not nil`)
      return
    }
    mustHave(key, body, fields)
    if (kind !== 'record') return
    for (const entry of listOf(mapOf(body).get('entries'))) mustBeEntry(key, mapOf(entry), entries)
  }
}

const FIXED = 11

function openEnvelope(key: string, value: Uint8Array): Pick<Row, 'epoch' | 'check' | 'body'> {
  const bytes = Buffer.from(value)
  const check = bytes.readUInt32BE(0)
  if (crc32(bytes.subarray(4)) !== check) throw new Error(`${key}: the checksum does not fit`)
  if (bytes.readUInt8(4) !== 1) throw new Error(`${key}: not format 1`)
  const bodyAt = FIXED + bytes.readUInt16BE(9)
  if (bytes.toString('utf8', FIXED, bodyAt) !== key) throw new Error(`${key}: not its own key`)
  return { epoch: bytes.readUInt32BE(5), check, body: unpack(bytes, bodyAt) }
}

function mustBeEntry(key: string, entry: ItemMap, shapes: Shapes): void {
  const type = entry.get('type')
  const fields = typeof type === 'string' ? shapes.get(type) : undefined
  if (fields === undefined) throw new Error(`${key}: no type of entry: ${String(type)}`)
  mustHave(`${key} ${String(type)}`, entry, [
    { name: 'type', type: 'text', optional: false },
    ...fields,
  ])
}

function mustHave(place: string, body: Item, fields: readonly Field[]): void {
  const map = mapOf(body)
  for (const { name, type, optional } of fields) {
    const item = map.get(name)
    if (item === undefined && optional) continue
    if (item === undefined) throw new Error(`${place}: ${name} is missing`)
    if (!isOf(type, item)) throw new Error(`${place}: ${name} is no ${type}`)
  }
  for (const name of map.keys()) {
    if (!fields.some(field => field.name === name)) throw new Error(`${place}: ${name} is unknown`)
  }
}

function isOf(type: string, item: Item): boolean {
  switch (type) {
    case 'text':
    case 'status':
      return typeof item === 'string'
    case 'bool':
      return typeof item === 'boolean'
    case 'true':
      return item === true
    case 'int':
      return Number.isInteger(item) && Number(item) >= 0
    case 'ms':
      return typeof item === 'number'
    case 'bin':
    case 'value':
      return item instanceof Uint8Array
    case 'clock':
      return item === 'elapsed' || item === 'wall'
    case 'durability':
      return item === 'fsync' || item === 'os'
    case 'held':
    case 'gathering':
    case 'mode':
    case 'phase':
    case 'skip':
      return NAMES[type].some(name => name === item)
    case 'kind':
      return item === 'wait' || item === 'cancel'
    case 'names':
      return listOf(item).every(name => isOf('text', name))
    case 'times':
      return listOf(item).every(time => isOf('ms', time))
    case 'event':
      return ['name', 'id'].every(name => isOf('text', mapOf(item).get(name) ?? null))
    case 'own':
      return mapOf(item).size === 6 && isOf('value', mapOf(item).get('data') ?? null)
    case 'entries':
      return listOf(item).length > 0
    case 'listing':
      return listOf(item).every(row => isRow(row, ['text', 'int', 'int']))
    case 'places':
    case 'given':
      return listOf(item).every(row => isRow(row, ['text', 'ms']))
    case 'marks':
      return listOf(item).every(row => isRow(row, ['text', 'int']))
    default:
      return isOfFields(type, item)
  }
}

/** Those that are maps. */
function isOfFields(type: string, item: Item): boolean {
  switch (type) {
    case 'digest':
      return hasFields(item, 'count:int sum:int')
    case 'counts':
      return hasFields(item, 'inputs:int events:int queued:int?')
    case 'outcome':
      return hasFields(item, 'seq:int at:ms elapsed:ms')
    case 'trimmed':
      return hasFields(item, 'commit:int chain:bin at:ms? events:digest?')
    case 'facts':
      return hasFields(item, 'name:text id:text ts:ms v:text?')
    case 'parent':
      return hasFields(item, 'run:text seq:int')
    case 'parents':
      return listOf(item).length > 1 && listOf(item).every(each => isOf('parent', each))
    case 'joined':
      return listOf(item).every(each => hasFields(each, JOINED))
    case 'moved':
      return hasFields(item, 'due:ms after:ms')
    case 'sent':
      return listOf(item).every(each => hasFields(each, 'name:text id:text'))
    case 'listeners':
      return listOf(item).every(each => hasFields(each, LISTENER))
    default:
      throw new Error(`the document does not say what ${type} is`)
  }
}

const NAMES = {
  held: ['slot', 'gather'],
  gathering: ['batch', 'debounce'],
  mode: ['last', 'all'],
  phase: ['start', 'finish'],
  skip: ['rate-limit', 'idempotency', 'debounce', 'singleton', 'backlog', 'draining', 'joined'],
} as const

const JOINED = 'event:facts? data:value parent:parent?'
const LISTENER = 'key:text event:text program:text? literals:value? until:ms?'

function hasFields(item: Item, fields: string): boolean {
  mustHave(fields, item, shape(fields.split(' ')))
  return true
}

const isRow = (item: Item, types: readonly string[]): boolean =>
  listOf(item).length === types.length &&
  types.every((type, at) => isOf(type, listOf(item)[at] ?? null))

export function mapOf(item: Item | undefined): ItemMap {
  if (item instanceof Map) return item
  throw new Error('a map is missing')
}

export function listOf(item: Item | undefined): readonly Item[] {
  if (Array.isArray(item)) return item
  throw new Error('an array is missing')
}
