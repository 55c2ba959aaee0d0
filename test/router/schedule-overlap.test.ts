import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { overlap } from '../../src/router/schedule-overlap.ts'
import { overlaps } from './schedules.ts'

const none = { start: [], cancel: [], buffer: [], skipped: [] }

describe('while nothing is active', () => {
  test.each(overlaps)('%s starts a tick', policy => {
    expect(overlap(policy, [], [1])).toEqual({ ...none, start: [1] })
  })

  test('several ticks at once are told apart', () => {
    expect(overlap('skip', [], [1, 2, 3])).toEqual({ ...none, start: [1], skipped: [2, 3] })
    expect(overlap('buffer-one', [], [1, 2, 3])).toEqual({
      ...none,
      start: [1],
      buffer: [3],
      skipped: [2],
    })
    expect(overlap('buffer-all', [], [1, 2, 3])).toEqual({ ...none, start: [1], buffer: [2, 3] })
    expect(overlap('cancel-other', [], [1, 2, 3])).toEqual({ ...none, start: [3], skipped: [1, 2] })
    expect(overlap('allow-all', [], [1, 2, 3])).toEqual({ ...none, start: [1, 2, 3] })
  })
})

describe('while a run is active', () => {
  test('a tick does what the policy says', () => {
    expect(overlap('skip', ['r'], [1])).toEqual({ ...none, skipped: [1] })
    expect(overlap('buffer-one', ['r'], [1])).toEqual({ ...none, buffer: [1] })
    expect(overlap('buffer-all', ['r'], [1])).toEqual({ ...none, buffer: [1] })
    expect(overlap('cancel-other', ['r', 's'], [1])).toEqual({
      ...none,
      cancel: ['r', 's'],
      buffer: [1],
    })
    expect(overlap('allow-all', ['r'], [1])).toEqual({ ...none, start: [1] })
  })

  test('a buffered tick gives way to a newer one, or waits before it', () => {
    expect(overlap('buffer-one', ['r'], [1, 2])).toEqual({ ...none, buffer: [2], skipped: [1] })
    expect(overlap('buffer-all', ['r'], [1, 2])).toEqual({ ...none, buffer: [1, 2] })
    expect(overlap('cancel-other', ['r'], [1, 2])).toEqual({
      ...none,
      cancel: ['r'],
      buffer: [2],
      skipped: [1],
    })
  })
})

test.each(overlaps)('%s does nothing when no tick waits', policy => {
  expect(overlap(policy, [], [])).toEqual(none)
  expect(overlap(policy, ['r'], [])).toEqual(none)
})

test('every tick ends in exactly one place, in order', () => {
  const waiting = fc.uniqueArray(fc.nat(), { maxLength: 6 }).map(all => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(
      fc.constantFrom(...overlaps),
      fc.array(fc.string()),
      waiting,
      (policy, active, ticks) => {
        const { start, cancel, buffer, skipped } = overlap(policy, active, ticks)
        expect([...start, ...buffer, ...skipped].sort((a, b) => a - b)).toEqual(ticks)
        for (const list of [start, buffer, skipped]) {
          expect(list).toEqual([...list].sort((a, b) => a - b))
        }
        if (policy !== 'allow-all') {
          expect(start.length).toBeLessThanOrEqual(active.length === 0 ? 1 : 0)
          // A place that is free is taken.
          if (active.length === 0 && ticks.length > 0) expect(start).toHaveLength(1)
        }
        if (policy !== 'buffer-all') expect(buffer.length).toBeLessThanOrEqual(1)
        if (policy !== 'cancel-other') expect(cancel).toEqual([])
        if (
          policy !== 'buffer-all' &&
          policy !== 'allow-all' &&
          policy !== 'skip' &&
          ticks.length > 0
        ) {
          expect([...start, ...buffer]).toContain(ticks.at(-1))
        }
      },
    ),
  )
})
