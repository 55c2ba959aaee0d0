import { type as ark } from 'arktype'
import fc from 'fast-check'
import { event, runCancelled, runCompleted, runFailed } from 'perdure'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { schemaOf } from '../../src/define/event-match.ts'
import { refusedBy } from './refused.ts'

const schema = z.object({ userId: z.string(), at: z.string().transform(Number) })
const signedUp = event('app/user.signup', schema)

describe('an event type', () => {
  test('makes events: plain data, with what was given only', () => {
    const made = signedUp({ userId: 'u1', at: '7' })
    expect(made).toStrictEqual({ name: 'app/user.signup', data: { userId: 'u1', at: '7' } })
    expect(Object.keys(made)).toEqual(['name', 'data'])
    expect(signedUp({ userId: 'u1', at: '7' }, { id: 'i', ts: 0, v: '' })).toStrictEqual({
      name: 'app/user.signup',
      data: { userId: 'u1', at: '7' },
      id: 'i',
      ts: 0,
      v: '',
    })
    expect(decodeValue(encodeValue(made))).toStrictEqual(made)
  })

  test('does not validate what it makes', () => {
    const wrong: never = { userId: 1 } as never
    expect(signedUp(wrong).data).toEqual({ userId: 1 })
  })

  test('has its name and its schema', () => {
    expect(signedUp.name).toBe('app/user.signup')
    expect(signedUp.schema).toBe(schema)
    expect(schemaOf(signedUp.where({ userId: 'u1' }))).toBe(schema)
    const ping = event('app/ping')
    expect(ping.schema).toBeUndefined()
    expect(schemaOf(ping.where({}))).toBeUndefined()
    expect(ping()).toStrictEqual({ name: 'app/ping', data: undefined })
  })

  test('takes schemas of several libraries', () => {
    const schemas = [z.object({ n: z.number() }), v.object({ n: v.number() }), ark({ n: 'number' })]
    for (const each of schemas) expect(event('app/x', each).schema).toBe(each)
  })

  test.each([
    ['', 'name'],
    ['x'.repeat(256), 'name'],
    [7, 'name'],
    [undefined, 'name'],
    ['perdure/run.completed', 'name'],
    ['perdure/mine', 'name'],
    ['app/*', 'name'],
  ])('is not named %j', (name, path) => {
    expect(refusedBy(() => event(name as string)).path).toBe(path)
  })

  test('may have a name of 255 characters', () => {
    expect(event('x'.repeat(255)).name).toHaveLength(255)
    expect(event('perdure').name).toBe('perdure')
  })

  test('takes no schema that is none', () => {
    const refused = refusedBy(() => event('app/x', { n: 'number' } as never))
    expect(refused.path).toBe('schema')
    expect(refused.message).toContain('"app/x"')
  })
})

describe('where', () => {
  const order = event<'shop/order', { [key: string]: unknown }>('shop/order')

  test('gives a name and what must be equal, by path', () => {
    expect(order.where({ id: 'o1', by: { age: null, ok: true }, n: 0 })).toStrictEqual({
      kind: 'match',
      name: 'shop/order',
      equals: { 'data.id': 'o1', 'data.by.age': null, 'data.by.ok': true, 'data.n': 0 },
    })
    expect(order.where({})).toStrictEqual({ kind: 'match', name: 'shop/order', equals: {} })
  })

  test('writes odd keys as expressions do', () => {
    const equals = { 'data["first-name"]': 1, 'data["a.b"].x': 2, 'data["in"]': 3, 'data[0]': 4 }
    const pattern = { 'first-name': 1, 'a.b': { x: 2 }, in: 3, 0: 4 }
    expect(order.where(pattern).equals).toEqual(equals)
  })

  test.each([
    [{ id: undefined }, 'where.id'],
    [{ id: '\ud800' }, 'where.id'],
    [{ by: { '\ud800': 1 } }, 'where.by.\ud800'],
    [{ by: { at: new Date(0) } }, 'where.by.at'],
    [{ ids: ['a'] }, 'where.ids'],
    [{ n: Number.NaN }, 'where.n'],
    [{ n: 1n }, 'where.n'],
    [{ f: () => 1 }, 'where.f'],
    [null, 'where'],
    ['id', 'where'],
  ])('refuses %o', (pattern, path) => {
    expect(refusedBy(() => order.where(pattern as never)).path).toBe(path)
  })

  test('keeps every leaf apart, whatever the keys', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('a', 'a.b', 'b', 'in', '0', '["a"]', '__proto__'),
    )
    const { tree } = fc.letrec(tie => ({
      tree: fc.dictionary(key, fc.oneof({ weight: 3, arbitrary: leaf }, tie('tree')), {
        maxKeys: 4,
      }),
    }))
    fc.assert(
      fc.property(tree, pattern => {
        const leaves = (value: unknown): unknown[] =>
          typeof value === 'object' && value !== null
            ? Object.values(value).flatMap(leaves)
            : [value]
        expect(Object.values(order.where(pattern as object).equals)).toEqual(leaves(pattern))
      }),
    )
  })
})

test("the engine's own events have types", () => {
  const names = [runCompleted, runFailed, runCancelled].map(({ name }) => name)
  expect(names).toEqual(['perdure/run.completed', 'perdure/run.failed', 'perdure/run.cancelled'])
  expect(runFailed.where({ workflow: 'billing' })).toStrictEqual({
    kind: 'match',
    name: 'perdure/run.failed',
    equals: { 'data.workflow': 'billing' },
  })
})
