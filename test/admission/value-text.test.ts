import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { valueText } from '../../src/admission/value-text.ts'

const json = fc.jsonValue({ maxDepth: 3 })

/** Something that has itself in it, so deep: all of them look the same from outside. */
function cycle(depth: number): object {
  const outer: { of?: object } = {}
  outer.of = depth === 1 ? outer : { of: depth === 2 ? outer : cycle(depth - 2) }
  return outer
}

/** The same with the properties of its objects the other way around. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, turned(item)]),
  )
}

describe('the text of a value', () => {
  test('is its JSON with the properties in order', () => {
    expect(valueText({ b: [1, 'x', null], a: true })).toBe('{"a":true,"b":[1,"x",null]}')
    expect([undefined, null, -0, 1e21, 7n, ''].map(valueText)).toEqual([
      ...['null', 'null', '0', '1e+21', '7', '""'],
    ])
    fc.assert(
      fc.property(json, value => {
        const text = valueText(value)
        expect(valueText(turned(value))).toBe(text)
        if (!/^#|"\$/.test(text)) expect(valueText(JSON.parse(text))).toBe(text)
      }),
    )
  })

  test('tells apart what is different', () => {
    const values = [
      ...[null, false, true, 0, 1, '', '0', '1', 'null', 'false', [], {}, [[]], [null]],
      ...[Number.NaN, 'NaN', Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      ...[2n ** 53n + 1n, 2 ** 53, `${2n ** 53n + 1n}`, 10n ** 400n],
      ...[new Date(0), new Date(1), new Date(Number.NaN), { $date: '0' }, { $$date: '0' }],
      ...[new Map([[1, 2]]), new Map([[2, 1]]), new Set([1]), new Set(), new Map(), [[1, 2]]],
      ...[new Uint8Array(1), new Uint8Array(2), new URL('http://a/'), 'http://a/'],
      ...[/a/, /b/, /a/g, '/a/', new Uint8Array([97]).buffer, new DataView(new ArrayBuffer(1))],
      ...[new Uint16Array([1]), new Uint16Array([2]), new Int16Array([1]), new ArrayBuffer(2)],
      ...[new Error('x'), new Error('y'), new RangeError('x'), new Error('x', { cause: 1 })],
      ...[Object.assign(new Error('x'), { code: 1 }), { name: 'Error', message: 'x' }],
      ...[new AggregateError([1], 'x'), new AggregateError([2], 'x')],
      ...[cycle(1), cycle(2), cycle(3), [cycle(1)], { ...cycle(1), of: cycle(1) }],
      ...['x'.repeat(500), 'y'.repeat(500), '#', { a: 1 }, { a: '1' }, { a: undefined }],
    ]
    expect(new Set(values.map(valueText)).size).toBe(values.length)
    const few = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom(null, 0, 1, '', 'a', '$a', '1'),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', '$a', '$$a'), tie('value'), {
          maxKeys: 2,
          noNullPrototype: true,
        }),
      ),
    })).value
    fc.assert(
      fc.property(few, few, (one, other) => {
        expect(valueText(one) === valueText(other)).toBe(isDeepStrictEqual(one, other))
      }),
      { numRuns: 1_000 },
    )
  })

  test('does not depend on the order of maps and sets, and takes a bigint for the number', () => {
    expect(valueText(new Set([2, 1]))).toBe(valueText(new Set([1, 2])))
    const pairs: [string, number][] = [
      ['a', 1],
      ['b', 2],
    ]
    expect(valueText(new Map(pairs))).toBe(valueText(new Map(pairs.reverse())))
    expect(valueText(2n ** 60n)).toBe(valueText(2 ** 60))
    expect(valueText([1n])).toBe('[1]')
  })

  test('leaves out of an error where it was thrown, and of bytes what they are a part of', () => {
    const [one, other] = [new Error('x'), new Error('x')]
    other.stack = 'elsewhere'
    expect(valueText(one)).toBe(valueText(other))
    expect(valueText(Buffer.from('ab'))).toBe(valueText(new Uint8Array([97, 98])))
    const part = new Uint16Array(new Uint16Array([7, 1, 7]).buffer, 2, 1)
    expect(valueText(part)).toBe(valueText(new Uint16Array([1])))
    const last = Object.assign(/a/g, { lastIndex: 3 })
    expect(valueText(last)).toBe(valueText(/a/g))
  })

  test('is hashed where it is long', () => {
    expect(valueText('x'.repeat(198))).toBe(`"${'x'.repeat(198)}"`)
    expect(valueText('x'.repeat(199))).toMatch(/^#[0-9a-f]{64}$/)
    expect(valueText({ b: 'x'.repeat(300), a: 1 })).toBe(valueText({ a: 1, b: 'x'.repeat(300) }))
  })

  test('is refused for what is no data or has no end', () => {
    let shared: unknown = 1
    for (let depth = 0; depth < 45; depth++) shared = [shared, shared]
    const odd = [shared, () => 1, Symbol('x'), Promise.resolve(1), new WeakMap()]
    for (const value of [...odd, { deep: [() => 1] }]) {
      expect(() => valueText(value)).toThrow(TypeError)
    }
  })
})
