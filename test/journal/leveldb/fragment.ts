import { crc32c, maskCrc } from '../../../journal/leveldb/crc32c.ts'

export const FULL = 1
export const FIRST = 2
export const MIDDLE = 3
export const LAST = 4

/** One fragment of a log, header first. */
export function fragment(type: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(7), payload])
  bytes.writeUInt16LE(payload.length, 4)
  bytes[6] = type
  bytes.writeUInt32LE(maskCrc(crc32c(bytes, 6)), 0)
  return bytes
}
