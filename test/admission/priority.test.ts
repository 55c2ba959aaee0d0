import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rankOf } from '../../src/admission/priority.ts'

test('a rank is the arrival, moved by whole seconds, 600 at the most', () => {
  const arrival = 10_000_000
  const moved = (value: unknown): number => arrival - rankOf(arrival, value)
  expect([0, 1, -1, 1.4, 1.5, 600, 601, -9e99].map(moved)).toEqual([
    0, 1_000, -1_000, 1_000, 2_000, 600_000, 600_000, -600_000,
  ])
  expect([5n, 10n ** 400n, Number.POSITIVE_INFINITY].map(moved)).toEqual([5_000, 600_000, 600_000])
  for (const value of [undefined, null, Number.NaN, '5', true, [5], new Date(5), {}]) {
    expect(moved(value)).toBe(0)
  }
})

test('a rank is a whole number, never negative, and never orders against the clock by more', () => {
  const times = fc.double({ min: 0, max: 2 ** 45, noNaN: true })
  const values = fc.oneof(fc.double(), fc.integer({ min: -700, max: 700 }), fc.anything())
  fc.assert(
    fc.property(times, times, values, values, (one, other, value, second) => {
      const rank = rankOf(one, value)
      expect(Number.isSafeInteger(rank) && rank >= 0 && !Object.is(rank, -0)).toBe(true)
      if (one + 1_200_001 < other) expect(rank).toBeLessThan(rankOf(other, second))
    }),
  )
})
