import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rng } from '../../src/testing/rng.ts'

const drawn = (rng: Rng, count: number, n: number): number[] =>
  Array.from({ length: count }, () => rng.below(n))

test('a seed gives these numbers on every machine', () => {
  expect(drawn(new Rng(1), 6, 1_000)).toEqual([792, 764, 782, 633, 318, 103])
  expect(drawn(new Rng('a seed'), 3, 2 ** 40)).toEqual([571207539525, 915444981108, 130638429107])
  expect(drawn(new Rng(1).split('crash'), 6, 1_000)).toEqual([174, 160, 395, 539, 974, 517])
})

test('a number and its text are one seed; other texts are others', () => {
  expect(drawn(new Rng('42'), 20, 1_000)).toEqual(drawn(new Rng(42), 20, 1_000))
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      fc.pre(one !== other)
      expect(drawn(new Rng(one), 8, 2 ** 32)).not.toEqual(drawn(new Rng(other), 8, 2 ** 32))
    }),
  )
})

test('seeds that follow each other have nothing in common', () => {
  const first = Array.from({ length: 4_000 }, (_, seed) => new Rng(seed).below(4))
  const pairs = new Map<number, number>()
  for (let at = 1; at < first.length; at++) {
    const pair = first[at - 1]! * 4 + first[at]!
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
  }
  expect(pairs.size).toBe(16)
  for (const count of pairs.values()) expect(count).toBeGreaterThan(180)
})

test('numbers are within bounds, and none is favoured', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, n) => {
      for (const value of drawn(new Rng(seed), 20, n)) {
        expect(Number.isSafeInteger(value)).toBe(true)
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThan(n)
      }
    }),
  )
  for (const n of [2, 3, 7, 10, 3 * 2 ** 50]) {
    const parts = Math.min(n, 12)
    const counts = new Array<number>(parts).fill(0)
    for (const value of drawn(new Rng(`fair ${n}`), 12_000, n))
      counts[Math.floor((value / n) * parts)]!++
    const expected = 12_000 / parts
    for (const count of counts)
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected))
  }
})

test('large numbers differ in their last digits too', () => {
  const odd = drawn(new Rng('odd'), 2_000, 2 ** 53 - 1).filter(value => value % 2 === 1)
  expect(odd.length).toBeGreaterThan(900)
  expect(odd.length).toBeLessThan(1_100)
})

test('a chance is as good as it says', () => {
  const rng = new Rng('chance')
  for (const probability of [0, 0.1, 0.5, 1]) {
    const hits = Array.from({ length: 10_000 }, () => rng.chance(probability)).filter(hit => hit)
    expect(Math.abs(hits.length - 10_000 * probability)).toBeLessThan(250)
    if (probability === 0 || probability === 1) expect(hits.length).toBe(10_000 * probability)
  }
})

test('every item can be picked', () => {
  const rng = new Rng('pick')
  expect(new Set(Array.from({ length: 100 }, () => rng.pick(['a', 'b', 'c'])))).toEqual(
    new Set(['a', 'b', 'c']),
  )
})

test('a split depends on its name and not on what was drawn', () => {
  const rng = new Rng('split')
  const early = drawn(rng.split('crash'), 20, 1_000)
  drawn(rng, 7, 10)
  expect(drawn(rng.split('crash'), 20, 1_000)).toEqual(early)
  expect(drawn(rng.split('crashes'), 20, 1_000)).not.toEqual(early)
  expect(drawn(new Rng('split').split('a').split('b'), 20, 1_000)).not.toEqual(
    drawn(new Rng('split').split('a/b'), 20, 1_000),
  )
  expect(drawn(rng, 20, 1_000)).not.toEqual(early)
})
