import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { portrait } from './codec-portrait.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const through = (value: unknown): unknown => decodeValue(encodeValue(value))

describe('the bytes', () => {
  it.each([
    [undefined, '10'],
    [null, '11c0'],
    [-1, '11ff'],
    [2 ** 53, '11cb4340000000000000'],
    [Number.NaN, '11cb7ff8000000000000'],
    [{ a: [true, 'b'] }, '1181a16192c3a162'],
    [-0, '1281a124a22d30'],
    [255n, '1281a12492a6626967696e74a26666'],
    [[undefined], '129181a124a9756e646566696e6564'],
    [Uint8Array.of(7), '1281a12492aa55696e74384172726179c40107'],
    [{ $: 1 }, '1181a12401'],
    [[{ $: 1 }, -0], '129281a12493a66f626a656374a1240181a124a22d30'],
  ])('of %o are %s', (value, expected) => {
    expect(hex(encodeValue(value))).toBe(expected)
    expect(isDeepStrictEqual(decodeValue(Buffer.from(expected, 'hex')), value)).toBe(true)
  })

  const long = 'x'.repeat(100)
  it.each<[unknown]>([
    ['\ud800'],
    [{ '\udfff': 1 }],
    [[{ a: 1, b: ['x\udc00'] }]],
    ['\ufeffx'],
    [{ '\ufeff': 1 }],
    [`${long}\ud800`],
    [{ [`${long}\udfff`]: 1 }],
    [{ a: 1, b: [`\ufeff${long}`] }],
    [{ [`\ufeff${long}`]: 1 }],
  ])('say a string that msgpackr would change in another way: %#', value => {
    expect(encodeValue(value)[0]).toBe(0x12)
    expect(portrait(through(value))).toBe(portrait(value))
  })

  it.each<[unknown]>([['\ufffd한'], [[0xed, 0xef]], [{ 'x\ufeff': `${long}\ufffd` }]])(
    'stay plain for one that only looks like it: %#',
    value => expect(encodeValue(value)[0]).toBe(0x11),
  )

  it('are the same for every NaN', () => {
    const odd = new Float64Array(new BigUint64Array([0xfff8_0000_0000_1234n]).buffer)[0]
    expect(hex(encodeValue([odd, { odd }]))).toBe(
      hex(encodeValue([Number.NaN, { odd: Number.NaN }])),
    )
    expect(hex(encodeValue([odd, -0]))).toBe(hex(encodeValue([Number.NaN, -0])))
  })

  it('hold no more memory than they need, nor do those after a large value', () => {
    const large = encodeValue('x'.repeat(500_000))
    expect(large.buffer.byteLength).toBe(large.length)
    expect(encodeValue({ small: true }).buffer.byteLength).toBeLessThanOrEqual(8192)
  })

  it('follow the order of the properties', () => {
    expect(hex(encodeValue({ a: 1, b: 2 }))).not.toBe(hex(encodeValue({ b: 2, a: 1 })))
    expect(Object.keys(Object(through({ b: 2, a: undefined })))).toEqual(['b', 'a'])
  })
})
