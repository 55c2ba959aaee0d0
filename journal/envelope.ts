import { crc32 } from 'node:zlib'
import { Packr, Unpackr } from 'msgpackr'
import { JournalError } from './error.ts'

/**
 * Every value in the store is sealed in an envelope that carries its own identity, so that a value
 * which is damaged, cut, or found under a key that is not its own shows when it is read:
 *
 *   value  := format:u8 epoch:u32 check:u32 keyLength:u16 key body      (integers big-endian)
 *   format := 1
 *   epoch  := which opening of the journal wrote it, counted from 1
 *   check  := CRC-32 (zlib's) of all other bytes of the value, in their order
 *   key    := the key it was written under, UTF-8
 *   body   := one MessagePack value: maps with string keys, no extension types
 */
export interface Envelope {
  readonly epoch: number
  readonly check: number
  readonly body: unknown
}

const FORMAT = 1
const CHECK_AT = 5
const KEY_AT = 11

const packr = new Packr({ useRecords: false, copyBuffers: true, int64AsType: 'bigint' })
const unpackr = new Unpackr({ useRecords: false, copyBuffers: true, int64AsType: 'bigint' })

export interface Sealed {
  readonly bytes: Buffer
  readonly check: number
}

export function seal(key: string, epoch: number, body: unknown): Sealed {
  const packed = packr.pack(body)
  const bodyAt = KEY_AT + Buffer.byteLength(key)
  const bytes = Buffer.allocUnsafe(bodyAt + packed.length)
  bytes.writeUInt8(FORMAT, 0)
  bytes.writeUInt32BE(epoch, 1)
  bytes.writeUInt16BE(bodyAt - KEY_AT, 9)
  bytes.write(key, KEY_AT)
  bytes.set(packed, bodyAt)
  const check = checkOf(bytes)
  bytes.writeUInt32BE(check, CHECK_AT)
  return { bytes, check }
}

/** Throws JOURNAL_CORRUPT, naming the key, when the value is not what was sealed under it. */
export function unseal(key: string, value: Uint8Array): Envelope {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const fault = faultIn(key, bytes)
  if (fault !== undefined) throw corrupt(key, fault)
  const bodyAt = KEY_AT + bytes.readUInt16BE(9)
  return {
    epoch: bytes.readUInt32BE(1),
    check: bytes.readUInt32BE(CHECK_AT),
    body: unpackr.unpack(bytes.subarray(bodyAt)),
  }
}

function faultIn(key: string, bytes: Buffer): string | undefined {
  if (bytes.length < KEY_AT) return 'it is cut short'
  if (bytes.readUInt32BE(CHECK_AT) !== checkOf(bytes)) return 'its checksum does not fit its bytes'
  const format = bytes.readUInt8(0)
  if (format !== FORMAT) return `it is of format ${format}, which this release does not read`
  const own = bytes.toString('utf8', KEY_AT, KEY_AT + bytes.readUInt16BE(9))
  return own === key ? undefined : `it belongs to the key ${JSON.stringify(own)}`
}

export function corrupt(key: string, fault: string, facts: object = {}): JournalError {
  return new JournalError('JOURNAL_CORRUPT', `The value of ${JSON.stringify(key)}: ${fault}.`, {
    hint: 'Keep the directory as it is, run `perdure verify` on it, and restore a backup.',
    facts: { place: key, fault, ...facts },
  })
}

const checkOf = (bytes: Buffer): number =>
  crc32(bytes.subarray(CHECK_AT + 4), crc32(bytes.subarray(0, CHECK_AT)))
