import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as fc from 'fast-check'
import { workflow } from 'perdure'
import { check, PropertyFailed } from 'perdure/testing'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { isArbitrary } from '../../src/testing/arbitrary.ts'
import { Recorder, tapeSource } from '../../src/testing/choices.ts'
import { dataFor, generated } from '../../src/testing/inputs.ts'
import { Rng } from '../../src/testing/rng.ts'
import { uniform } from '../../src/testing/strategies/uniform.ts'

type Tree = { value: number; children: Tree[] }
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ value: z.number(), children: z.array(tree) }))
const named = z.object({ x: z.int() }).meta({ id: 'Named' })

const arbitraries: Readonly<Record<string, { arbitrary: fc.Arbitrary<unknown>; plain: unknown }>> =
  {
    integer: { arbitrary: fc.integer(), plain: 0 },
    'small integer': { arbitrary: fc.integer({ min: -3, max: 3 }), plain: 0 },
    'far integer': { arbitrary: fc.integer({ min: 10, max: 20 }), plain: 10 },
    nat: { arbitrary: fc.nat(), plain: 0 },
    float: { arbitrary: fc.float(), plain: 0 },
    double: { arbitrary: fc.double(), plain: 0 },
    bigInt: { arbitrary: fc.bigInt(), plain: 0n },
    string: { arbitrary: fc.string(), plain: '' },
    constantFrom: { arbitrary: fc.constantFrom('a', 'b'), plain: 'a' },
    oneof: { arbitrary: fc.oneof(fc.integer(), fc.string()), plain: 0 },
    option: { arbitrary: fc.option(fc.integer()), plain: null },
    array: { arbitrary: fc.array(fc.integer()), plain: [] },
    record: {
      arbitrary: fc.record({ a: fc.integer(), b: fc.boolean() }),
      plain: { a: 0, b: false },
    },
    uuid: { arbitrary: fc.uuid(), plain: '00000000-0000-1000-8000-000000000000' },
    date: { arbitrary: fc.date(), plain: new Date(0) },
    emailAddress: { arbitrary: fc.emailAddress(), plain: 'a@a.aa' },
    map: { arbitrary: fc.nat().map(n => n * 2), plain: 0 },
    chain: {
      arbitrary: fc.nat(3).chain(n => fc.array(fc.nat(), { minLength: n, maxLength: n })),
      plain: [],
    },
  }

const schemas: Readonly<Record<string, z.ZodType>> = {
  text: z.string().min(3).max(4),
  negative: z.number().negative(),
  between: z.number().gt(0).lt(1),
  integers: z.int().min(-10).max(-5),
  multiples: z.number().multipleOf(0.01).min(0.05),
  formats: z.tuple([z.email(), z.url(), z.uuid(), z.iso.datetime(), z.ulid(), z.ipv4()]),
  object: z.object({
    a: z.string().nullable(),
    b: z.int().optional(),
    c: z.string().default('x'),
    d: z.string().nullish(),
  }),
  rest: z.tuple([z.string()], z.int()),
  records: z.record(z.enum(['a', 'b']), z.int()),
  union: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('a'), n: z.int() }),
    z.object({ kind: z.literal('b'), items: z.array(z.boolean()).min(2) }),
  ]),
  both: z.object({ a: z.int() }).and(z.object({ a: z.int().min(5), b: z.string() })),
  refined: z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a <= b),
  date: z.object({ on: z.date(), big: z.bigint(), none: z.undefined() }),
  tree,
  shared: z.object({ a: named, b: named }),
}

describe('of fast-check:', () => {
  for (const [name, { arbitrary, plain }] of Object.entries(arbitraries)) {
    test(`${name} begins with what is plainest, and comes out the same for the same tape`, () => {
      expect(isArbitrary(arbitrary)).toBe(true)
      expect(generated(arbitrary, new Recorder(() => 0), 'data')).toEqual(plain)
      for (let seed = 0; seed < 50; seed++) {
        const drawn = new Recorder(uniform(new Rng(seed)))
        const value = generated(arbitrary, drawn, 'data')
        expect(generated(arbitrary, new Recorder(tapeSource(drawn.tape())), 'data')).toEqual(value)
      }
    })
  }

  test('a filter that does not take what is plainest is answered in the end', () => {
    const more = fc.nat().filter(n => n > 10)
    expect(generated(more, new Recorder(() => 0), 'data')).toBeGreaterThan(10)
    const never = fc.nat().filter(() => false)
    expect(() => generated(never, new Recorder(() => 0), 'data')).toThrow('content with nothing')
  })

  test('what is found is shrunk', async () => {
    const taking = workflow({ id: 'taking' }, async ({ event, step }) => {
      const { amount } = event.data as { amount: number }
      await step.run('take', () => amount)
    })
    const data = fc.record({ amount: fc.integer(), names: fc.array(fc.string()) })
    const found = await check(
      {
        workflows: [taking],
        starts: [{ workflow: taking, data }],
        world: () => ({ taken: 0 }),
        steps: { take: ({ body }, world) => void Object.assign(world, { taken: body() }) },
        properties: { always: { 'not much': ({ world }) => world.taken <= 1_000 } },
      },
      { regressions: false },
    ).catch((error: unknown) => error)
    expect(found).toBeInstanceOf(PropertyFailed)
    expect((found as Error).message).toMatch('world   { taken: 1001 }')
  })
})

describe('of zod:', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    test(`${name}: what is made up fits`, () => {
      const taking = workflow({ id: 'taking', schema }, async () => {})
      for (let seed = 0; seed < 100; seed++) {
        const source = seed === 0 ? () => 0 : uniform(new Rng(seed))
        expect(schema.safeParse(dataFor(taking, new Recorder(source), 'data')).error).toBe(
          undefined,
        )
      }
    })
  }

  test('what cannot be made up is asked for', () => {
    const texts: readonly StandardSchemaV1[] = [z.string().regex(/^a+$/), z.never()]
    const valibot: StandardSchemaV1 = v.object({ a: v.string() })
    for (const schema of [...texts, z.map(z.string(), z.int()), valibot]) {
      const taking = workflow({ id: 'taking', schema }, async () => {})
      const make = (): unknown => dataFor(taking, new Recorder(() => 0), 'data')
      expect(make).toThrow(/^Data for taking cannot be made up: /)
    }
  })
})
