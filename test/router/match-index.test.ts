import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition, Program } from '../../src/router/condition.ts'
import { MatchIndex } from '../../src/router/match-index.ts'
import type { Path } from '../../src/router/path.ts'
import { equal, Naive, Odd, type Ref } from './naive.ts'

const SCALARS = [
  0,
  -0,
  1,
  1n,
  -1,
  0.1,
  2 ** 31,
  2 ** 53,
  2n ** 53n,
  2n ** 53n + 1n,
  1e300,
  10n ** 300n,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  '',
  '0',
  '1',
  'a',
  'b',
  'ab',
  'null',
  'true',
  true,
  false,
  null,
  undefined,
]
const OTHERS = [new Date(1), new Date(2), [1], { a: 1 }, new Map([['a', 1]]), new Odd()]
const NAMES = ['one', 'two']
const PATHS: Path[] = [
  ['a'],
  ['b'],
  ['data', 'a'],
  ['data', 'b'],
  ['data', 0],
  ['data', '0'],
  ['data', -1],
  ['data', 'length'],
  ['data', 'toString'],
  ['data', '__proto__'],
  ['data', 'a', 'a'],
  [],
]

const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 1, true, null) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(...SCALARS) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(...OTHERS) },
)

const fields = fc.dictionary(fc.constantFrom('a', 'b', '0', '__proto__'), value)

const data = fc.oneof(
  { weight: 4, arbitrary: fields },
  fields.map(own => new Map(Object.entries(own))),
  value.map(first => new Map([[0, first]])),
  fields.map(own => Object.defineProperties(new Odd(), Object.getOwnPropertyDescriptors(own))),
  fc.array(value, { maxLength: 2 }),
  value,
)

const event = fc.oneof(
  { weight: 20, arbitrary: fc.record({ a: value, b: value, data }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: value },
)

const shortList = { minLength: 1, maxLength: 3 }
const term = fc.record({ path: fc.constantFrom(...PATHS), literal: fc.nat(3) })

// Seldom one that says nothing, as every event would find its waits and hide what else it finds.
const program: fc.Arbitrary<Program> = fc
  .oneof(
    { weight: 12, arbitrary: fc.array(fc.array(term, shortList), shortList) },
    { weight: 1, arbitrary: fc.array(fc.array(term, { maxLength: 2 }), { maxLength: 2 }) },
  )
  .map(alternatives => ({ alternatives: alternatives.map(terms => ({ terms })) }))

const literals = fc.array(value, { minLength: 4, maxLength: 4 })

const several = { minLength: 2, maxLength: 4 }
const conditions = fc
  .tuple(fc.array(program, several), fc.array(literals, several), fc.boolean())
  .map(([programs, values, isOneOpen]) => [
    ...(isOneOpen ? [undefined] : []),
    ...programs.flatMap((program): Condition[] => values.map(literals => ({ program, literals }))),
  ])

type Move =
  | {
      readonly kind: 'add' | 'remove'
      readonly name: string
      readonly which: number
      readonly ref: number
    }
  | { readonly kind: 'crowd' | 'clear'; readonly name: string; readonly which: number }
  | { readonly kind: 'event'; readonly name: string; readonly event: unknown }

const name = fc.constantFrom(...NAMES)
const which = fc.nat(16)
const ref = fc.nat(19)
const single = { name, which, ref }

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add'), ...single }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove'), ...single }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crowd'), name, which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear'), name, which }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('event'), name, event }) },
)

/** Plays moves against index and model at once and compares all that can be seen. */
class Game {
  readonly index = new MatchIndex<Ref>()
  readonly naive = new Naive()
  readonly conditions: readonly (Condition | undefined)[]
  readonly refs: readonly Ref[] = Array.from({ length: 20 }, (_, id) => ({ id }))

  constructor(conditions: readonly (Condition | undefined)[]) {
    this.conditions = conditions
  }

  play(move: Move): void {
    switch (move.kind) {
      case 'add':
        return this.#add(move.name, move.which, this.refs[move.ref]!)
      case 'remove':
        return this.#remove(move.name, move.which, this.refs[move.ref]!)
      case 'crowd':
        for (const ref of this.refs) this.#add(move.name, move.which, ref)
        return
      case 'clear':
        for (const ref of this.refs) this.#remove(move.name, move.which, ref)
        return
      case 'event':
        return this.look(move.name, move.event)
    }
  }

  look(name: string, event: unknown): void {
    const found = this.index.candidates(name, event)
    const ids = found.map(ref => ref.id)
    expect(ids).toEqual(this.naive.candidates(name, event).map(ref => ref.id))
    for (const ref of this.naive.matches(name, event)) expect(ids).toContain(ref.id)
    expect(this.index.size).toBe(this.naive.added.length)
  }

  #add(name: string, which: number, ref: Ref): void {
    const condition = this.#condition(which)
    this.index.add(name, condition, ref)
    this.naive.add(name, condition, ref)
  }

  // A condition that was read anew has its program in common with the old one, not the literals.
  #remove(name: string, which: number, ref: Ref): void {
    const known = this.#condition(which)
    const condition = known && { program: known.program, literals: [...known.literals] }
    expect(this.index.remove(name, condition, ref)).toBe(this.naive.remove(name, condition, ref))
  }

  #condition(which: number): Condition | undefined {
    return this.conditions[which % this.conditions.length]
  }
}

const on = (path: Path): Program => ({ alternatives: [{ terms: [{ path, literal: 0 }] }] })

describe('against a list scanned for each event', () => {
  test('finds the same, each once and in order', () => {
    fc.assert(
      fc.property(
        conditions,
        fc.array(move, { size: 'max', maxLength: 120 }),
        (conditions, moves) => {
          const game = new Game(conditions)
          for (const move of moves) game.play(move)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('what was removed might as well never have been added', () => {
    const addition = fc.record({ ...single, isKept: fc.boolean() })
    const additions = fc.uniqueArray(addition, {
      selector: ({ name, which, ref }) => `${name} ${which} ${ref}`,
      size: 'max',
      maxLength: 60,
    })
    fc.assert(
      fc.property(conditions, additions, fc.array(event), (conditions, additions, events) => {
        const once = additions.filter(({ which }) => which < conditions.length)
        const refs = Array.from({ length: 20 }, (_, id) => ({ id }))
        const index = new MatchIndex<Ref>()
        const fresh = new MatchIndex<Ref>()
        for (const { name, which, ref } of once) index.add(name, conditions[which], refs[ref]!)
        for (const { name, which, ref, isKept } of once) {
          if (isKept) fresh.add(name, conditions[which], refs[ref]!)
        }
        const gone = once.filter(({ isKept }) => !isKept).reverse()
        for (const { name, which, ref } of gone) index.remove(name, conditions[which], refs[ref]!)
        for (const name of NAMES) {
          for (const event of events) {
            expect(index.candidates(name, event)).toEqual(fresh.candidates(name, event))
          }
        }
        expect(index.size).toBe(fresh.size)
      }),
    )
  })
})

describe('values', () => {
  for (const literal of SCALARS) {
    test(`${typeof literal} ${Object.is(literal, -0) ? '-0' : literal}`, () => {
      const index = new MatchIndex<Ref>()
      const ref = { id: 0 }
      index.add('e', { program: on(['data']), literals: [literal] }, ref)
      for (const other of [...SCALARS, ...OTHERS]) {
        const isFound = index.candidates('e', { data: other }).length === 1
        if (equal(other, literal)) expect(isFound, `${typeof other} ${other}`).toBe(true)
        // NaN is no key, and two bigints may share the number next to them.
        else if (!Number.isNaN(literal) && typeof other !== 'bigint' && typeof literal !== 'bigint')
          expect(isFound, `${typeof other} ${other}`).toBe(false)
      }
    })
  }

  test('a missing path is null, of whatever there is', () => {
    const index = new MatchIndex<Ref>()
    const ref = { id: 0 }
    index.add('e', { program: on(['data', 'a']), literals: [null] }, ref)
    for (const data of [undefined, null, 1, 'a', {}, [], new Map(), new Odd(), { a: null }]) {
      expect(index.candidates('e', { data })).toEqual([ref])
    }
    expect(index.candidates('e', undefined)).toEqual([ref])
    expect(index.candidates('e', { data: { a: {} } })).toEqual([])
  })

  test('values do not run into each other', () => {
    const index = new MatchIndex<Ref>()
    const paths = [['a'], ['b']].map((path, literal) => ({ path, literal }))
    const program = { alternatives: [{ terms: paths }] }
    const pairs = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['c', 'ab'],
      ['', 'abc'],
    ]
    for (const [id, literals] of pairs.entries()) index.add('e', { program, literals }, { id })
    for (const [id, [a, b]] of pairs.entries()) {
      expect(index.candidates('e', { a, b })).toEqual([{ id }])
    }
  })

  test('no two of many users are taken for one another', () => {
    const index = new MatchIndex<Ref>()
    const program = on(['data', 'userId'])
    for (let id = 0; id < 20_000; id++) index.add('e', { program, literals: [`u${id}`] }, { id })
    let found = 0
    for (let id = 0; id < 20_000; id++) {
      const refs = index.candidates('e', { data: { userId: `u${id}` } })
      if (!refs.some(ref => ref.id === id)) throw new Error(`u${id} is not found`)
      found += refs.length
    }
    expect(found).toBeLessThan(20_010)
  })
})

describe('shapes', () => {
  test('programs with the same paths share one, in whatever order they name them', () => {
    const index = new MatchIndex<Ref>()
    const [one, two] = [{ id: 1 }, { id: 2 }]
    const a = { path: ['a'], literal: 0 }
    const b = { path: ['b'], literal: 1 }
    index.add('e', { program: { alternatives: [{ terms: [a, b] }] }, literals: [1, 2] }, one)
    index.add('e', { program: { alternatives: [{ terms: [b, a] }] }, literals: [1, 2] }, two)
    let reads = 0
    const event = new Proxy(
      { a: 0 },
      {
        getOwnPropertyDescriptor(target, key) {
          if (key === 'a') reads++
          return Object.getOwnPropertyDescriptor(target, key)
        },
      },
    )
    index.candidates('e', event)
    expect(reads).toBe(1)
    expect(index.candidates('e', { a: 1, b: 2 })).toEqual([one, two])
  })

  test('a program is taken apart once', () => {
    let reads = 0
    const { alternatives } = on(['a'])
    const program: Program = {
      get alternatives() {
        reads++
        return alternatives
      },
    }
    const index = new MatchIndex<Ref>()
    for (let id = 0; id < 10; id++) index.add('e', { program, literals: [id] }, { id })
    expect(reads).toBe(1)
  })
})

describe('removal', () => {
  test('only of the name, the condition and the ref that were added', () => {
    const index = new MatchIndex<Ref>()
    const ref = { id: 0 }
    const program = on(['a'])
    index.add('e', { program, literals: [1] }, ref)
    expect(index.remove('f', { program, literals: [1] }, ref)).toBe(false)
    expect(index.remove('e', { program, literals: [2] }, ref)).toBe(false)
    expect(index.remove('e', { program: on(['a']), literals: [1] }, ref)).toBe(false)
    expect(index.remove('e', undefined, ref)).toBe(false)
    expect(index.remove('e', { program, literals: [1] }, { id: 0 })).toBe(false)
    expect(index.size).toBe(1)
    expect(index.remove('e', { program, literals: [1] }, ref)).toBe(true)
    expect(index.remove('e', { program, literals: [1] }, ref)).toBe(false)
    expect(index.size).toBe(0)
  })

  test('gives the memory back', async () => {
    setFlagsFromString('--expose-gc')
    const gc: () => void = runInNewContext('gc')
    const heap = async (): Promise<number> => {
      await new Promise(resolve => setImmediate(resolve))
      gc()
      return process.memoryUsage().heapUsed
    }
    const index = new MatchIndex<Ref>()
    const programs = Array.from({ length: 50 }, (_, i) => on(['data', `${i}`]))
    const empty = await heap()
    await fillAndEmpty(index, programs, async () => {
      expect((await heap()) - empty).toBeGreaterThan(10_000_000)
    })
    expect((await heap()) - empty).toBeLessThan(500_000)
  })
})

/** Of 40,000 waits each: one user each, all one user, no condition, a name each, many shapes. */
async function fillAndEmpty(
  index: MatchIndex<Ref>,
  programs: readonly Program[],
  whenFull: () => Promise<void>,
): Promise<void> {
  const added: [string, Condition | undefined, Ref][] = []
  for (let id = 0; id < 40_000; id++) {
    const ref = { id }
    const program = programs[0]!
    const other = programs[id % programs.length]!
    added.push(['users', { program, literals: [id] }, ref])
    added.push(['crowd', { program, literals: [0] }, ref])
    added.push(['every', undefined, ref])
    added.push([`name ${id}`, { program, literals: [id] }, ref])
    added.push(['shapes', { program: other, literals: [id] }, ref])
  }
  for (const one of added) index.add(...one)
  expect(index.size).toBe(added.length)
  await whenFull()
  // One stays, so that its table has to shrink.
  expect(added.slice(1).filter(one => !index.remove(...one))).toEqual([])
  expect(index.size).toBe(1)
}
