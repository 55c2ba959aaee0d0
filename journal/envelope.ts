import { crc32 } from 'node:zlib'
import { MOST_SPACE, packBehind, unpackBehind } from './codec/packer.ts'
import { JournalError } from './error.ts'

/**
 * Every value in the store is sealed in an envelope that carries its own identity, so that a value
 * which is damaged, cut, or found under a key that is not its own shows when it is read:
 *
 *   value  := check:u32 format:u8 epoch:u32 keyLength:u16 key body      (integers big-endian)
 *   check  := CRC-32 (zlib's) of all bytes that follow it
 *   format := 1
 *   epoch  := which opening of the journal wrote it, counted from 1
 *   key    := the key it was written under, UTF-8
 *   body   := one MessagePack value: maps with string keys, no extension types
 */
export interface Envelope {
  readonly epoch: number
  readonly check: number
  readonly body: unknown
}

const FORMAT = 1
const FORMAT_AT = 4
const EPOCH_AT = 5
const LENGTH_AT = 9
const KEY_AT = 11

export interface Sealed {
  readonly bytes: Buffer
  readonly check: number
}

/** The bytes are to be handed on at once: memory they lie in is shared. */
export function seal(key: string, epoch: number, body: unknown): Sealed {
  const bytes = packAnywhere(KEY_AT + Buffer.byteLength(key), body)
  const length = bytes.write(key, KEY_AT)
  bytes[FORMAT_AT] = FORMAT
  bytes.writeUInt32BE(epoch, EPOCH_AT)
  bytes.writeUInt16BE(length, LENGTH_AT)
  bytes.writeUInt32BE(BLANK, 0)
  const check = crc32(bytes)
  bytes.writeUInt32BE(check, 0)
  return { bytes, check }
}

/** The four bytes that change no CRC-32: behind them it is that of what follows alone. */
const BLANK = 0x9d0ad96d

function packAnywhere(space: number, body: unknown): Buffer {
  if (space <= MOST_SPACE) return packBehind(space, body)
  const packed = packBehind(0, body)
  const bytes = Buffer.allocUnsafe(space + packed.length)
  bytes.set(packed, space)
  return bytes
}

/** Throws JOURNAL_CORRUPT, naming the key, when the value is not what was sealed under it. */
export function unseal(key: string, value: Uint8Array): Envelope {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const fault = faultIn(key, bytes)
  if (fault !== undefined) throw corrupt(key, fault)
  return {
    epoch: bytes.readUInt32BE(EPOCH_AT),
    check: bytes.readUInt32BE(0),
    body: unpackBehind(KEY_AT + bytes.readUInt16BE(LENGTH_AT), bytes),
  }
}

/** What a value that was sealed holds, as it was packed: a view on the same memory. */
export function bodyIn(sealed: Uint8Array): Uint8Array {
  const length = ((sealed[LENGTH_AT] ?? 0) << 8) | (sealed[LENGTH_AT + 1] ?? 0)
  return sealed.subarray(KEY_AT + length)
}

/** The key that a value says it is of, if it is whole: for values that lie where they do not belong. */
export function ownKey(value: Uint8Array): string | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes.length < KEY_AT || bytes.readUInt8(FORMAT_AT) !== FORMAT) return undefined
  const own = bytes.toString('utf8', KEY_AT, KEY_AT + bytes.readUInt16BE(LENGTH_AT))
  return faultIn(own, bytes) === undefined ? own : undefined
}

function faultIn(key: string, bytes: Buffer): string | undefined {
  if (bytes.length < KEY_AT) return 'it is cut short'
  if (bytes.readUInt32BE(0) !== checkOf(bytes)) return 'its checksum does not fit its bytes'
  const format = bytes.readUInt8(FORMAT_AT)
  if (format !== FORMAT) return `it is of format ${format}, which this release does not read`
  const own = bytes.toString('utf8', KEY_AT, KEY_AT + bytes.readUInt16BE(LENGTH_AT))
  return own === key ? undefined : `it belongs to the key ${JSON.stringify(own)}`
}

export function corrupt(key: string, fault: string, facts: object = {}): JournalError {
  return new JournalError('JOURNAL_CORRUPT', `The value of ${JSON.stringify(key)}: ${fault}.`, {
    hint: 'Keep the directory as it is, run `perdure verify` on it, and restore a backup.',
    facts: { place: key, fault, ...facts },
  })
}

const checkOf = (bytes: Buffer): number => crc32(bytes.subarray(FORMAT_AT))
