import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/engine/fingerprint.ts'
import { World } from '../simulation/world.ts'

const cycle = (name: string): object => {
  const made: Record<string, unknown> = { name }
  made.self = [made]
  return made
}
const shared = { street: 'Main' }
const used = (): RegExp => {
  const regexp = /a/g
  regexp.exec('aa')
  return regexp
}
const failure = (cause: unknown): Error => Object.assign(new Error('x', { cause }), { status: 404 })

const alike: readonly (readonly [string, unknown, unknown])[] = [
  ['invalid dates', new Date(Number.NaN), new Date(Number.NaN)],
  ['a RegExp that was used', /a/g, used()],
  ['a property that is undefined', { a: 1, b: undefined }, { a: 1 }],
  ['the order of properties', { a: 1, b: [2] }, { b: [2], a: 1 }],
  [
    'the order of maps and sets',
    new Map([
      [1, new Set([1, 2])],
      [2, new Set()],
    ]),
    new Map([
      [2, new Set()],
      [1, new Set([2, 1])],
    ]),
  ],
  ['errors', failure(1), failure(1)],
  [
    'what is shared and what is not',
    { from: shared, to: shared },
    { from: { ...shared }, to: { ...shared } },
  ],
  ['cycles', cycle('a'), cycle('a')],
  ['NaN and no number', [Number.NaN], [Number.NaN]],
]

const different: readonly (readonly [string, unknown, unknown])[] = [
  ['dates', new Date(0), new Date(1)],
  ['flags', /a/g, /a/i],
  ['causes', failure(1), failure(2)],
  ['fields of errors', failure(1), new Error('x', { cause: 1 })],
  ['members that are undefined', [1, undefined], [1]],
  ['a hole and a member', [undefined], new Array(1)],
  ['null and undefined', { a: null }, {}],
  ['kinds of numbers', 1, 1n],
  ['a number and its text', { a: 1 }, { a: '1' }],
  ['an object and a map', { a: 1 }, new Map([['a', 1]])],
  ['bytes', new Uint8Array([1]), new Uint8Array([2])],
  ['kinds of bytes', new Uint8Array([1]), new Int8Array([1])],
  ['cycles', cycle('a'), cycle('b')],
  ['what holds what', { a: { b: {} } }, { a: {}, b: {} }],
  ['addresses', new URL('https://a.example'), new URL('https://b.example')],
]

describe('two starts under one id', () => {
  const echo = workflow({ id: 'echo' }, async ({ event }: WorkflowContext<unknown>) => event.data)
  const other = workflow({ id: 'other' }, async ({ event }: WorkflowContext<unknown>) => event.data)

  test.each(alike)('are one run for the same data: %s', async (_, first, second) => {
    const world = new World({ workflows: [echo] })
    await world.open()
    await world.engine.start(echo, first, { id: 'a' })
    expect((await world.engine.start(echo, second, { id: 'a' })).id).toBe('a')
  })

  test.each(different)('conflict for other data: %s', async (_, first, second) => {
    const world = new World({ workflows: [echo] })
    await world.open()
    await world.engine.start(echo, first, { id: 'a' })
    await expect(world.engine.start(echo, second, { id: 'a' })).rejects.toMatchObject({
      code: 'RUN_CONFLICT',
      message: 'Run a exists, with other data.',
    })
  })

  test('conflict for another workflow, and say that it is that', async () => {
    const world = new World({ workflows: [echo, other] })
    await world.open()
    await world.engine.start(echo, 1, { id: 'a' })
    await expect(world.engine.start(other, 1, { id: 'a' })).rejects.toMatchObject({
      code: 'RUN_CONFLICT',
      message: "Run a exists, of the workflow 'echo', not 'other'.",
      facts: { run: 'a', workflow: 'echo', asked: 'other' },
    })
  })

  test('are one run if the schema fills in what varies, also after a restart', async () => {
    let at = 0
    const validate = (given: unknown): { value: { x: number; at?: number } } => {
      const { x, at: when = at++ } = Object(given)
      return { value: { x, at: when } }
    }
    const dated = workflow(
      { id: 'dated', schema: { '~standard': { version: 1, vendor: 'test', validate } } },
      async ({ event }) => event.data,
    )
    const world = new World({ workflows: [dated] })
    await world.open()
    const run = await world.engine.start(dated, { x: 1 }, { id: 'a' })
    expect(await run.result()).toEqual({ at: 0, x: 1 })
    await world.restart()
    const again = await world.engine.start(dated, { x: 1 }, { id: 'a' })
    expect(await again.result()).toEqual({ at: 0, x: 1 })
    await world.engine.start(dated, { x: 1, at: 0 }, { id: 'a' })
    for (const data of [{ x: 2 }, { x: 1, at: 1 }]) {
      await expect(world.engine.start(dated, data, { id: 'a' })).rejects.toMatchObject({
        code: 'RUN_CONFLICT',
      })
    }
    // What the schema takes need not be storable.
    const odd = { x: 3, at: 3, f: () => 3 }
    await world.engine.start(dated, odd, { id: 'b' })
    expect((await world.engine.start(dated, odd, { id: 'b' })).id).toBe('b')
  })
})

test('a fingerprint of much sharing takes no longer than the value is large', () => {
  let value: unknown = {}
  for (let depth = 0; depth < 200; depth++) value = [value, value]
  expect(fingerprint(value)).toMatch(/^[0-9a-f]{32}$/)
})
