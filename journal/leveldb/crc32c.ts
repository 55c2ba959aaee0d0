/**
 * CRC-32C (Castagnoli) of `bytes[start, end)` as an unsigned 32-bit number.
 *
 * node:zlib offers only the IEEE polynomial; LevelDB uses this one in logs and tables.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1
  let at = start
  for (const last = end - 8; at <= last; at += 8) {
    const low =
      crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      table7[low & 0xff]! ^
      table6[(low >>> 8) & 0xff]! ^
      table5[(low >>> 16) & 0xff]! ^
      table4[low >>> 24]! ^
      table3[bytes[at + 4]!]! ^
      table2[bytes[at + 5]!]! ^
      table1[bytes[at + 6]!]! ^
      table0[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = table0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** The state of a checksum before any byte, and after one more; `crc32c` is its complement. */
export const CRC_BEGUN = -1
export const crcWith = (state: number, byte: number): number =>
  table0[(state ^ byte) & 0xff]! ^ (state >>> 8)

/**
 * The form LevelDB stores: a checksum over bytes that hold checksums would otherwise be weak.
 */
export const maskCrc = (crc: number): number => (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0

const MASK_DELTA = 0xa282ead8
const POLYNOMIAL = 0x82f63b78

const table0 = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
})

// tableN[b] is the checksum of byte b followed by N zero bytes: eight bytes cost eight look-ups.
const table1 = followedByZero(table0)
const table2 = followedByZero(table1)
const table3 = followedByZero(table2)
const table4 = followedByZero(table3)
const table5 = followedByZero(table4)
const table6 = followedByZero(table5)
const table7 = followedByZero(table6)

function followedByZero(table: Int32Array): Int32Array {
  return table.map(crc => table0[crc & 0xff]! ^ (crc >>> 8))
}
