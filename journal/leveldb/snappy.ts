import { Cursor, malformed } from './cursor.ts'

/*
 * A Snappy block, numbers little-endian:
 *
 *   block   = size:varint element*                      size: of the plain bytes
 *   element = literal | copy
 *   literal = tag:u8 length-1:u8..u32? bytes            tag: 2 low bits 0, above them length-1,
 *                                                       or 60..63 for 1..4 bytes that hold it
 *   copy    = tag:u8 offset                             2 low bits 1: 3 bits length-4, 3 bits offset,
 *                                                       1 byte offset; 2: 6 bits length-1, u16; 3: u32
 */

/**
 * The plain bytes of a Snappy block.
 *
 * @throws Malformed when the block does not decode to exactly the size it claims, or to more than `bytesMax`
 */
export function uncompress(block: Uint8Array, bytesMax: number): Uint8Array {
  const cursor = new Cursor(block)
  const size = cursor.varint()
  if (size > bytesMax) malformed('compressed block too large')
  const plain = new Uint8Array(size)
  let filled = 0
  while (!cursor.done) {
    const tag = byte(cursor)
    const taken =
      (tag & 3) === 0 ? literal(cursor, tag, plain, filled) : copy(cursor, tag, plain, filled)
    filled += taken
  }
  return filled === size ? plain : malformed('compressed block cut short')
}

function literal(cursor: Cursor, tag: number, plain: Uint8Array, filled: number): number {
  const short = tag >>> 2
  const length = 1 + (short < 60 ? short : unsigned(cursor.take(short - 59)))
  if (filled + length > plain.length) malformed('literal too long')
  plain.set(cursor.take(length), filled)
  return length
}

function copy(cursor: Cursor, tag: number, plain: Uint8Array, filled: number): number {
  const near = (tag & 3) === 1
  const length = near ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2)
  const offset = near
    ? ((tag >>> 5) << 8) | byte(cursor)
    : unsigned(cursor.take((tag & 3) === 2 ? 2 : 4))
  if (offset === 0 || offset > filled) malformed('copy from before the start')
  if (filled + length > plain.length) malformed('copy too long')
  // Byte by byte: source and target may overlap, which repeats a pattern.
  for (let at = filled; at < filled + length; at++) plain[at] = plain[at - offset]!
  return length
}

const byte = (cursor: Cursor): number => cursor.take(1)[0]!

const unsigned = (bytes: Uint8Array): number =>
  bytes.reduceRight((value, part) => value * 256 + part, 0)
