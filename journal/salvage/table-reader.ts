import { ownKey } from '../envelope.ts'
import { CRC_BEGUN, crcWith, maskCrc } from '../leveldb/crc32c.ts'
import { Cursor, Malformed, malformed } from '../leveldb/cursor.ts'
import {
  checksumHolds,
  FOOTER_BYTES,
  type Handle,
  readEntries,
  readFooter,
  readHandle,
  type TableEntry,
  TRAILER_BYTES,
} from '../leveldb/table-format.ts'
import type { FileReader, Version } from './version.ts'
import { versionOf } from './version-of.ts'

/** Behind each key: how many bytes say of which write it is, and of which kind. */
const SUFFIX_BYTES = 8
const PUT = 1

/** All that a table says: where its index is damaged, as far as its blocks can be told apart. */
export const tableVersions: FileReader = function* (file, bytes, lose) {
  const index = indexOf(bytes)
  if (index === undefined) {
    lose({ file, offset: 0, why: 'its index cannot be read' })
    for (const block of blocksInOrder(bytes)) yield* blockVersions(block)
    return
  }
  let from = ''
  for (const { key, value } of index) {
    const { offset, bytes: length } = handleIn(value)
    const to = userKey(key)
    const block = bytes.subarray(offset, offset + length + TRAILER_BYTES)
    if (block.length < length + TRAILER_BYTES || !checksumHolds(block)) {
      lose({ from, to, file, offset, why: 'bad checksum' })
      yield* carved(block)
    } else yield* blockVersions(block)
    from = to
  }
}

function indexOf(bytes: Uint8Array): readonly TableEntry[] | undefined {
  try {
    const footer = bytes.subarray(Math.max(0, bytes.length - FOOTER_BYTES))
    const { offset, bytes: length } = readFooter(footer).index
    const block = bytes.subarray(offset, offset + length + TRAILER_BYTES)
    if (block.length < length + TRAILER_BYTES || !checksumHolds(block)) return undefined
    const entries = readEntries(block)
    for (const { value } of entries) handleIn(value)
    return entries
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

const handleIn = (value: Uint8Array): Handle => readHandle(new Cursor(value))

const userKey = (key: Uint8Array): string =>
  Buffer.from(key.subarray(0, Math.max(0, key.length - SUFFIX_BYTES))).toString()

/** What else a table is made of is no value of ours, and left out. */
function* blockVersions(block: Uint8Array): Generator<Version> {
  for (const { key, value } of entriesOf(block)) {
    if (key.length < SUFFIX_BYTES) continue
    const suffix = Buffer.from(key.subarray(key.length - SUFFIX_BYTES)).readBigUInt64LE()
    const isPut = Number(suffix & 0xffn) === PUT
    yield versionOf(userKey(key), Number(suffix >> 8n), isPut ? value : undefined)
  }
}

/** What is whole in a block that is not: each value says its key, but not of which write it is. */
function* carved(block: Uint8Array): Generator<Version> {
  for (const { value } of entriesOf(block)) {
    const key = ownKey(value)
    if (key !== undefined) yield { key, sequence: 0, value }
  }
}

/** As far as they can be read. */
function entriesOf(block: Uint8Array): readonly TableEntry[] {
  try {
    return readEntries(block)
  } catch (error) {
    if (error instanceof Malformed || error instanceof RangeError) return []
    throw error
  }
}

/** Blocks from the front on, each found by where its checksum fits. */
function* blocksInOrder(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; ; ) {
    const end = blockEnd(bytes, at)
    if (end === undefined) return
    yield bytes.subarray(at, end)
    at = end
  }
}

function blockEnd(bytes: Uint8Array, from: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let state = CRC_BEGUN
  for (let at = from; at + TRAILER_BYTES <= bytes.length; at++) {
    const byte = bytes[at] ?? malformed('there is none')
    state = crcWith(state, byte)
    // The byte behind the content says whether it is compressed, and is part of the checksum.
    if (byte <= 1 && at > from && maskCrc(~state >>> 0) === view.getUint32(at + 1, true)) {
      return at + TRAILER_BYTES
    }
  }
  return undefined
}
