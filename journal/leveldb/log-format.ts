import { crc32c, maskCrc } from './crc32c.ts'

/*
 * A LevelDB log (NNNNNN.log, MANIFEST-NNNNNN), all numbers little-endian:
 *
 *   log      = block*                      every block 32768 bytes, the last may be shorter
 *   block    = fragment* trailer           trailer: up to 6 bytes that no fragment header fits in
 *   fragment = crc:u32 length:u16 type:u8 payload[length]
 *   type     = 1 FULL | 2 FIRST | 3 MIDDLE | 4 LAST
 *   crc      = masked CRC-32C of type and payload
 *   record   = FULL | FIRST MIDDLE* LAST
 */

export const HEADER_BYTES = 7
export const BLOCK_BYTES = 32 * 1024
export const FULL = 1
export const FIRST = 2
const MIDDLE = 3
export const LAST = 4

export type LogDamage =
  | 'bad checksum'
  | 'bad length'
  | 'zeroed'
  | 'unknown fragment type'
  | 'missing fragment'
  | 'valid records after an incomplete one'

/** What is wrong with the whole fragment at `at`, if anything. */
export function fragmentDamage(block: Uint8Array, at: number, end: number): LogDamage | undefined {
  const type = block[at + 6]!
  if (type === 0 && end === at + HEADER_BYTES) return 'zeroed'
  if (!checksumFits(block, at, end)) return 'bad checksum'
  return type < FULL || type > LAST ? 'unknown fragment type' : undefined
}

/** Whether a writer could have begun this fragment here: what goes on in the next block fills this one. */
export function isPlausible(block: Uint8Array, at: number, continues: boolean): boolean {
  const end = fragmentEnd(block, at)
  switch (block[at + 6]) {
    case FULL:
      return !continues && end <= BLOCK_BYTES
    case FIRST:
      return !continues && end === BLOCK_BYTES
    case MIDDLE:
      return continues && end === BLOCK_BYTES
    case LAST:
      return continues && end <= BLOCK_BYTES
    default:
      return false
  }
}

/** Looks at every offset, because a lie about a length hides where the next fragment starts. */
export function holdsFragment(block: Uint8Array, from: number): boolean {
  for (let at = from; at + HEADER_BYTES <= block.length; at++) {
    const type = block[at + 6]!
    if (type < FULL || type > LAST) continue
    const end = fragmentEnd(block, at)
    if (end <= block.length && checksumFits(block, at, end)) return true
  }
  return false
}

export const fragmentEnd = (block: Uint8Array, at: number): number =>
  at + HEADER_BYTES + (block[at + 4]! | (block[at + 5]! << 8))

export function checksumFits(block: Uint8Array, at: number, end: number): boolean {
  const stored =
    block[at]! | (block[at + 1]! << 8) | (block[at + 2]! << 16) | (block[at + 3]! << 24)
  return maskCrc(crc32c(block, at + 6, end)) === stored >>> 0
}
