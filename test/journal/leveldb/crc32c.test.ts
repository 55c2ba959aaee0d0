import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, maskCrc } from '../../../journal/leveldb/crc32c.ts'

test.each([
  ['32 zeros (RFC 3720)', new Uint8Array(32), 0x8a9136aa],
  ['32 ones (RFC 3720)', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31 (RFC 3720)', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['the nine digits', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(), 0],
])('the checksum of %s is the published one', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})

test('any part of any bytes has the checksum that bit by bit arithmetic gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), fc.nat(80), (bytes, a, b) => {
      const end = Math.min(bytes.length, Math.max(a, b))
      const start = Math.min(end, a, b)
      expect(crc32c(bytes, start, end)).toBe(bitByBit(bytes.subarray(start, end)))
    }),
  )
})

test('masking turns right by 15 bits and adds a constant', () => {
  expect(maskCrc(0)).toBe(0xa282ead8)
  expect(maskCrc(0x8000)).toBe(0xa282ead9)
  expect(maskCrc(1)).toBe(0xa284ead8)
})

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}
