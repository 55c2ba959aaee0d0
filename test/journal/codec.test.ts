import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { echoValue } from '../../journal/codec/echo.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { fromTaggedJson, toTaggedJson } from '../../journal/codec/json.ts'
import { portrait } from './codec-portrait.ts'
import { anyStorable, handPicked } from './codec-values.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const through = (value: unknown): unknown => decodeValue(encodeValue(value))

/** Every law of the codec, for one value. */
function obeysTheLaws(value: unknown): void {
  const before = portrait(value)
  const bytes = encodeValue(value)
  const decoded = decodeValue(bytes)
  expect(portrait(decoded)).toBe(before)
  // Two invalid dates are never deep-equal in Node 20.
  if (!before.includes('Date(NaN)')) expect(isDeepStrictEqual(decoded, value)).toBe(true)
  expect(hex(encodeValue(decoded))).toBe(hex(bytes))
  expect(hex(encodeValue(value))).toBe(hex(bytes))
  expect(portrait(echoValue(value, bytes))).toBe(before)
  expect(portrait(value)).toBe(before)
  const json = JSON.stringify(toTaggedJson(value))
  expect(portrait(fromTaggedJson(JSON.parse(json)))).toBe(before)
  expect(JSON.stringify(toTaggedJson(decoded))).toBe(json)
}

describe('the laws of the codec', () => {
  it.each(Object.entries(handPicked()))('hold for %s', (_, value) => obeysTheLaws(value))

  it('hold for all of them in one value', () => obeysTheLaws(handPicked()))

  it('hold for any value', () => {
    fc.assert(fc.property(anyStorable(), obeysTheLaws), { numRuns: 1500 })
  })
})

describe('a decoded value', () => {
  it('keeps identity: what was one object is one object', () => {
    const one = { n: 1 }
    const list: unknown[] = [one, one, new Map([[one, one]])]
    list.push(list)
    const [a, b, map, self] = Object(through(list))
    expect(a).toBe(b)
    expect([...map][0]).toEqual([a, a])
    expect([...map.keys()][0]).toBe(a)
    expect(self[3]).toBe(self)
  })

  it('keeps identity across many objects', () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ at }))
    for (const again of [0, 9, 20, 39]) {
      const decoded = Object(through([...many, many[again]]))
      expect(decoded[40]).toBe(decoded[again])
    }
  })

  it('keeps apart what was apart', () => {
    const [a, b] = Object(through([{ n: 1 }, { n: 1 }]))
    expect(a).not.toBe(b)
  })

  it('shares nothing with the value, the bytes, or another decoding', () => {
    for (const make of [() => Buffer.from([1, 2, 3]), () => ({ text: 'one', list: [1] })]) {
      const value = make()
      const bytes = encodeValue(value)
      const first = Object(decodeValue(bytes))
      const second = Object(decodeValue(bytes))
      bytes.fill(0xff)
      for (const key of Object.keys(value)) Reflect.set(value, key, 9)
      expect(isDeepStrictEqual(first, make())).toBe(true)
      for (const key of Object.keys(first)) Reflect.set(first, key, 9)
      expect(isDeepStrictEqual(second, make())).toBe(true)
    }
  })

  it('shares nothing with the value when it is an echo either', () => {
    for (const value of [{ list: [1] }, [new Date(0)], new Map([['k', { n: 1 }]])]) {
      const echo = echoValue(value, encodeValue(value))
      expect(echo).not.toBe(value)
      expect(Object.values(Object(echo))[0] ?? echo).not.toBe(Object.values(value)[0])
      expect(portrait(echo)).toBe(portrait(value))
    }
  })

  it('owns the memory of its views', () => {
    const window = new Uint16Array(new ArrayBuffer(100), 10, 2)
    const decoded = through([window, Buffer.from('ab')])
    const [view, buffer] = Object(decoded)
    expect([view.buffer.byteLength, buffer.buffer.byteLength]).toEqual([4, 2])
  })

  it('has own data where the original had accessors, each read once', () => {
    let reads = 0
    const value = {
      list: [
        {
          get n() {
            reads += 1
            return reads
          },
        },
      ],
    }
    expect(through(value)).toEqual({ list: [{ n: 1 }] })
    expect(reads).toBe(1)
  })

  it('pollutes no prototype', () => {
    const decoded = Object(through(JSON.parse('{"__proto__": {"polluted": true}}')))
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    expect(Object.keys(decoded)).toEqual(['__proto__'])
  })
})

describe('an error', () => {
  class Declined extends Error {
    readonly code = 'DECLINED'
  }
  class Invalid extends TypeError {}

  it.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])(
    'of a built-in class stays one: %o',
    Class => {
      const error = new Class('m', { cause: new Class('inner') })
      const decoded = Object(through(error))
      expect(Object.getPrototypeOf(decoded)).toBe(Class.prototype)
      expect(decoded.stack).toBe(error.stack)
      expect(decoded.cause.message).toBe('inner')
      expect(Object.keys(decoded)).toEqual([])
    },
  )

  it('of an own class comes back under its name, as the nearest built-in one', () => {
    const decoded = Object(through(new Declined('no')))
    expect(Object.getPrototypeOf(decoded)).toBe(Error.prototype)
    expect([decoded.name, decoded.message, decoded.code]).toEqual(['Declined', 'no', 'DECLINED'])
    expect(Object.keys(decoded)).toEqual(['code'])
    const invalid = Object(through(new Invalid('bad')))
    expect(Object.getPrototypeOf(invalid)).toBe(TypeError.prototype)
    expect(invalid.name).toBe('Invalid')
  })

  it('of an own class is written the same after one round', () => {
    const bytes = encodeValue(new Declined('no'))
    expect(hex(encodeValue(decodeValue(bytes)))).toBe(hex(bytes))
  })

  it('keeps a name given on the prototype, or by assignment', () => {
    class Late extends Error {}
    Late.prototype.name = 'LateError'
    expect(Object(through(new Late())).name).toBe('LateError')
    const renamed = Object.assign(new Declined(), { name: 'Renamed' })
    expect(Object(through(renamed)).name).toBe('Renamed')
  })

  it('of the old kind, without a class, is an error again', () => {
    const old = Object.assign(Object.create(Error.prototype), { message: 'old', extra: 1 })
    const decoded = Object(through(old))
    expect(decoded).toBeInstanceOf(Error)
    expect([decoded.message, decoded.extra, decoded.stack]).toEqual(['old', 1, undefined])
  })

  it('that aborts stays a DOMException', () => {
    const decoded = Object(through(AbortSignal.abort().reason))
    expect(decoded).toBeInstanceOf(DOMException)
    expect([decoded.name, decoded.code]).toEqual(['AbortError', 20])
  })
})
