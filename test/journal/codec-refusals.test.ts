import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import { JournalError } from '../../journal/error.ts'
import { portrait } from './codec-portrait.ts'
import { anyStorable } from './codec-values.ts'

class Pool {}
class Bytes extends Uint8Array {}
class Point {
  toJSON(): string {
    return 'p'
  }
}
const foo = (): void => {}
const throwing = {
  get boom(): never {
    throw new TypeError('boom')
  },
}
const THROWS = 'a property that throws when it is read'
const boom = { get: () => throwing.boom, enumerable: true, configurable: true }
const revoked = Proxy.revocable({}, {})
revoked.revoke()

function refusal(value: unknown, limits?: ValueLimits): JournalError {
  try {
    encodeValue(value, limits)
  } catch (error) {
    if (error instanceof JournalError) return error
    throw error
  }
  throw new Error('it was stored')
}

describe('what cannot be stored is refused by path', () => {
  it.each<[unknown, string, string]>([
    [{ user: { db: new Pool() } }, '$.user.db', 'class Pool'],
    [{ list: [1, 2, 3, foo] }, '$.list[3]', 'function foo'],
    [{ map: new Map([['k', Symbol('s')]]) }, '$.map.get("k")', 'symbol'],
    [{ map: new Map([[new Pool(), 1]]) }, '$.map.keys()[0]', 'class Pool'],
    [{ set: new Set([1, Promise.resolve()]) }, '$.set.values()[1]', 'Promise'],
    [{ 'not an id': { '': new WeakMap() } }, '$["not an id"][""]', 'WeakMap'],
    [foo, '$', 'function foo'],
    [[(): number => 1], '$[0]', 'function (anonymous)'],
    [Pool, '$', 'function Pool'],
    [new WeakSet(), '$', 'WeakSet'],
    [new WeakRef({}), '$', 'WeakRef'],
    [{ n: Object(1) }, '$.n', 'boxed Number'],
    [Object('s'), '$', 'boxed String'],
    [Object(1n), '$', 'boxed BigInt'],
    [new Point(), '$', 'class Point'],
    [{ a: 1, toJSON: foo }, '$.toJSON', 'function foo'],
    [new Bytes(2), '$', 'class Bytes'],
    [new SharedArrayBuffer(2), '$', 'SharedArrayBuffer'],
    [Object.create({ inherited: 1 }), '$', 'Object'],
    [Object.create(Date.prototype), '$', 'Date'],
    [new Proxy(new Date(0), {}), '$', 'Proxy'],
    [new Proxy(foo, {}), '$', 'function foo'],
    [new Proxy(Promise.resolve(), {}), '$', 'Proxy'],
    [{ a: { [Symbol('tag')]: 1 } }, '$.a', 'object with the symbol key Symbol(tag)'],
    [
      [Object.assign([], { [Symbol.iterator]: 1 })],
      '$[0]',
      'object with the symbol key Symbol(Symbol.iterator)',
    ],
    [Math, '$', 'object with the symbol key Symbol(Symbol.toStringTag)'],
    [Object.assign(new Date(0), { extra: 1 }), '$', 'Date with properties of its own'],
    [
      [Object.assign(new Uint8Array(9), { extra: 1 })],
      '$[0]',
      'Uint8Array with properties of its own',
    ],
    [
      [Object.assign(new ArrayBuffer(9), { extra: 1 })],
      '$[0]',
      'ArrayBuffer with properties of its own',
    ],
    [{ throwing }, '$.throwing.boom', THROWS],
    [{ m: new Map([['k', throwing]]) }, '$.m.get("k").boom', THROWS],
    [Object.defineProperty([1, 2], 1, boom), '$[1]', THROWS],
    [Object.defineProperty([], 'x', boom), '$.x', THROWS],
    [Object.defineProperty(Object.create(null), 'a b', boom), '$["a b"]', THROWS],
    [Object.defineProperty(new Error('e'), 'request', boom), '$.request', THROWS],
    [Object.defineProperty({ n: -0 }, '\ud800', boom), '$["\\ud800"]', THROWS],
    [[0, revoked.proxy], '$[1]', THROWS],
    [Object.assign(new Error('e'), { request: new Pool() }), '$.request', 'class Pool'],
    [new Error('e', { cause: foo }), '$.cause', 'function foo'],
    [new AggregateError([new Error('1'), foo]), '$.errors[1]', 'function foo'],
    [runInContext('({})', createContext()), '$', 'Object of another realm'],
    [runInContext('[]', createContext()), '$', 'Array of another realm'],
    [Object.setPrototypeOf([], null), '$', 'object with a prototype of its own'],
    [Object.setPrototypeOf(new Date(0), Map.prototype), '$', 'Map'],
  ])('%#', (value, path, what) => {
    const error = refusal(value)
    expect(error.code).toBe('VALUE_UNSTORABLE')
    expect(error.facts).toEqual({ path, what })
    expect(error.message).toContain(path)
    expect(error.message).toContain(what)
    expect(error.hint).not.toBe('')
  })

  it('and the cause is kept when reading it threw', () => {
    expect(refusal(throwing).cause).toEqual(new TypeError('boom'))
  })

  it('wherever it hides in a storable value', () => {
    fc.assert(
      fc.property(anyStorable(), anyStorable(), (one, two) => {
        expect(refusal({ one, two, leaf: foo }).facts).toMatchObject({ path: '$.leaf' })
      }),
      { numRuns: 200 },
    )
  })
})

describe('a value that is frozen, sealed or watched', () => {
  it('is only read', () => {
    const deepFreeze = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
      for (const key of Reflect.ownKeys(value)) deepFreeze(Reflect.get(value, key))
      return Object.freeze(value)
    }
    const value = { a: [1, { b: undefined }], m: new Map([['k', [Number.NaN]]]), e: new Error('x') }
    const before = portrait(decodeValue(encodeValue(value)))
    expect(portrait(decodeValue(encodeValue(deepFreeze(value))))).toBe(before)
  })

  it('is stored as what a proxy of plain data shows', () => {
    const watched = new Proxy({ a: new Proxy([1, 2], {}) }, {})
    expect(decodeValue(encodeValue(watched))).toEqual({ a: [1, 2] })
  })
})

describe('limits', () => {
  it('of bytes count what is stored, to the byte', () => {
    const value = { text: 'é'.repeat(100) }
    const size = encodeValue(value).length
    expect(encodeValue(value, { bytes: size })).toHaveLength(size)
    const error = refusal(value, { bytes: size - 1 })
    expect(error.code).toBe('VALUE_TOO_LARGE')
    expect(error.facts).toEqual({ size, limit: size - 1 })
  })

  it.each<[string, unknown]>([
    ['a string', 'x'.repeat(1 << 20)],
    ['strings', Array(1025).fill('x'.repeat(1024))],
    [
      'keys',
      Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`${at}${'k'.repeat(600)}`, 1])),
    ],
    ['numbers', Array(1 << 20).fill(1)],
    ['bytes', [new Uint8Array(1 << 20)]],
    ['a bigint', 1n << 8_500_000n],
    ['a negative bigint', -(1n << 4_300_000n)],
    ['a regexp', [new RegExp('x'.repeat(1 << 20))]],
    ['a tricky string', [`\ud800${'x'.repeat(1 << 19)}`]],
  ])('hold 1 MiB by default: %s', (_, value) => {
    const error = refusal(value)
    expect(error.code).toBe('VALUE_TOO_LARGE')
    expect(error.facts.limit).toBe(1 << 20)
    expect(Number(error.facts.size)).toBeGreaterThan(1 << 20)
  })

  it('of bytes never go beyond 16 MiB', () => {
    expect(encodeValue('x'.repeat(2 << 20), { bytes: 4 << 20 })).toHaveLength((2 << 20) + 6)
    const error = refusal('x'.repeat(17 << 20), { bytes: Number.POSITIVE_INFINITY })
    expect(error.facts.limit).toBe(16 << 20)
  })

  const nested = (
    depth: number,
    make: (inside: unknown) => unknown,
    leaf: unknown = 1,
  ): unknown => {
    let value = leaf
    for (let at = 0; at < depth; at++) value = make(value)
    return value
  }

  it.each<[string, (inside: unknown) => unknown]>([
    ['arrays', inside => [inside]],
    ['objects', inside => ({ inside })],
    ['maps', inside => new Map([[inside, inside]])],
    ['sets', inside => new Set([inside])],
    ['errors', inside => new Error('e', { cause: inside })],
    ['look-alikes', inside => ({ $: inside })],
    ['sparse arrays', inside => Object.assign(Array(2), { 1: inside })],
  ])('of depth: %s', (_, make) => {
    const fits = nested(64, make)
    expect(portrait(decodeValue(encodeValue(fits))) === portrait(fits)).toBe(true)
    const error = refusal(nested(65, make))
    expect(error.code).toBe('VALUE_TOO_LARGE')
    expect(error.facts).toMatchObject({ size: 65, limit: 64 })
    const deepest = { depth: Number.POSITIVE_INFINITY, bytes: 16 << 20 }
    expect(refusal(nested(257, make), deepest).facts).toMatchObject({ limit: 256 })
    const most = nested(256, make, 10n)
    expect(encodeValue(decodeValue(encodeValue(most, deepest)), deepest)).toEqual(
      encodeValue(most, deepest),
    )
    expect(() => JSON.stringify(toTaggedJson(most))).not.toThrow()
  })

  it('stop a cycle of fresh objects', () => {
    const endless = (): object => ({
      get more(): object {
        return endless()
      },
    })
    expect(refusal(endless()).code).toBe('VALUE_TOO_LARGE')
  })

  it('stop an array that is mostly length', () => {
    const huge: unknown[] = []
    huge.length = 2 ** 32 - 1
    huge[7] = 'x'
    expect(encodeValue(huge).length).toBeLessThan(40)
    expect(Object.keys(Object(decodeValue(encodeValue(huge))))).toEqual(['7'])
    expect(refusal(Array(5000).fill(undefined), { bytes: 1000 }).code).toBe('VALUE_TOO_LARGE')
  })
})
