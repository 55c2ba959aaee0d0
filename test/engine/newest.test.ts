import { expect, test } from 'vitest'
import { Newest } from '../../src/engine/newest.ts'

test('knows when a name had its newest event, and forgets the oldest names', () => {
  const newest = new Newest(100, 2)
  expect(newest.mayHave('a', 100)).toBe(true)
  expect(newest.mayHave('a', 101)).toBe(false)
  newest.note('a', 110)
  newest.note('b', 120)
  newest.note('a', 130)
  expect([newest.mayHave('a', 130), newest.mayHave('a', 131)]).toEqual([true, false])
  expect([newest.mayHave('b', 120), newest.mayHave('b', 121)]).toEqual([true, false])
  expect(newest.mayHave('c', 101)).toBe(false)
  newest.note('c', 140)
  // Of `b` nothing is known any more, but that it had none later than 120.
  expect([newest.mayHave('b', 120), newest.mayHave('b', 121)]).toEqual([true, false])
  expect([newest.mayHave('d', 120), newest.mayHave('d', 121)]).toEqual([true, false])
  expect([newest.mayHave('a', 130), newest.mayHave('a', 131)]).toEqual([true, false])
})
