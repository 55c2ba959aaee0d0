import { JournalError } from '../error.ts'
import { NODE_DEPTH_MOST } from './limits.ts'

/**
 * Walks msgpack bytes from `start` to their end and throws `JOURNAL_CORRUPT` unless they are one item
 * of the part of msgpack that values are made of (tags.ts). What passes makes a decoder neither run
 * generated code, nor allocate more than the bytes are worth, nor overflow the stack.
 */
export function guardMsgpack(bytes: Uint8Array, start: number, binAllowed: boolean): void {
  const end = walkItem(bytes, start, binAllowed, NODE_DEPTH_MOST)
  if (end !== bytes.length) throw corrupt(`${bytes.length - end} bytes follow the value`, end)
}

/** Returns where the item ends, at most the end of the bytes. */
function walkItem(bytes: Uint8Array, at: number, bin: boolean, depth: number): number {
  const token = bytes[at]
  if (token === undefined) throw corrupt('the bytes end too early', at)
  if (token < 0x80 || token >= 0xe0) return at + 1
  if (token < 0x90) return walkMap(bytes, at + 1, token & 0x0f, bin, depth)
  if (token < 0xa0) return walkArray(bytes, at + 1, token & 0x0f, bin, depth)
  if (token < 0xc0) return skip(bytes, at + 1, token & 0x1f)
  switch (token) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1
    case 0xc4:
    case 0xc5:
    case 0xc6: {
      if (!bin) break
      const width = 1 << (token - 0xc4)
      return skip(bytes, at + 1 + width, uint(bytes, at + 1, width))
    }
    case 0xcc:
    case 0xd0:
      return skip(bytes, at + 1, 1)
    case 0xcd:
    case 0xd1:
      return skip(bytes, at + 1, 2)
    case 0xce:
    case 0xd2:
      return skip(bytes, at + 1, 4)
    case 0xcb:
      return skip(bytes, at + 1, 8)
    case 0xd9:
    case 0xda:
    case 0xdb:
      return walkLongString(bytes, at)
    case 0xdc:
      return walkArray(bytes, at + 3, uint(bytes, at + 1, 2), bin, depth)
    case 0xdd:
      return walkArray(bytes, at + 5, uint(bytes, at + 1, 4), bin, depth)
    case 0xde:
      return walkMap(bytes, at + 3, uint(bytes, at + 1, 2), bin, depth)
    case 0xdf:
      return walkMap(bytes, at + 5, uint(bytes, at + 1, 4), bin, depth)
  }
  throw corrupt(`0x${token.toString(16)} is no part of a value`, at)
}

function walkArray(
  bytes: Uint8Array,
  at: number,
  count: number,
  bin: boolean,
  depth: number,
): number {
  if (depth === 0) throw corrupt('the value nests too deep', at)
  if (count > bytes.length - at) throw corrupt(`${count} elements cannot fit`, at)
  let next = at
  for (let left = count; left > 0; left--) next = walkItem(bytes, next, bin, depth - 1)
  return next
}

function walkMap(
  bytes: Uint8Array,
  at: number,
  count: number,
  bin: boolean,
  depth: number,
): number {
  if (depth === 0) throw corrupt('the value nests too deep', at)
  if (count * 2 > bytes.length - at) throw corrupt(`${count} entries cannot fit`, at)
  let next = at
  for (let left = count; left > 0; left--) {
    next = walkItem(bytes, walkKey(bytes, next), bin, depth - 1)
  }
  return next
}

function walkKey(bytes: Uint8Array, at: number): number {
  const token = bytes[at]
  if (token === undefined) throw corrupt('the bytes end too early', at)
  if (token >= 0xa0 && token < 0xc0) {
    // msgpackr would rename this key rather than refuse it.
    if (token === 0xa9 && isProto(bytes, at + 1)) throw corrupt('a key is __proto__', at)
    return skip(bytes, at + 1, token & 0x1f)
  }
  if (token >= 0xd9 && token <= 0xdb) return walkLongString(bytes, at)
  throw corrupt('a key is no string', at)
}

/** Lengths in their shortest form only, so that a string has one spelling. */
function walkLongString(bytes: Uint8Array, at: number): number {
  const width = 1 << (bytes[at]! - 0xd9)
  const length = uint(bytes, at + 1, width)
  if (length < 0x20 || (width > 1 && length < 2 ** (4 * width))) {
    throw corrupt('a length is not in its shortest form', at)
  }
  return skip(bytes, at + 1 + width, length)
}

function skip(bytes: Uint8Array, at: number, length: number): number {
  const next = at + length
  if (next > bytes.length) throw corrupt('the bytes end too early', at)
  return next
}

function uint(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) throw corrupt('the bytes end too early', at)
  let number = 0
  for (let index = at; index < at + width; index++) number = number * 256 + bytes[index]!
  return number
}

function isProto(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < 9; index++) {
    if (bytes[at + index] !== '__proto__'.charCodeAt(index)) return false
  }
  return true
}

const corrupt = (what: string, offset: number): JournalError =>
  new JournalError('JOURNAL_CORRUPT', `These bytes are no stored value: ${what}.`, {
    hint: 'Run `perdure verify` on the directory; restore it from a copy if the damage is on disk.',
    facts: { offset },
  })
