import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isIdle, nextAt, type ThrottleState, take } from '../../src/admission/throttle.ts'
import { stored } from './stored.ts'

interface Rule {
  readonly limit: number
  readonly period: number
  readonly burst: number
}

/** When each of the arrivals starts, in their order, each as early as it may. */
function startsOf(rule: Rule, arrivals: readonly number[]): number[] {
  let state: ThrottleState | undefined
  let now = 0
  return arrivals.map(arrival => {
    now = Math.max(now, arrival, nextAt(state, rule))
    state = stored(take(state, rule, now))
    return now
  })
}

const rules = fc.record({
  limit: fc.integer({ min: 1, max: 20 }),
  period: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 100, max: 900 })),
  burst: fc.integer({ min: 1, max: 6 }),
})
const arrivalLists = fc
  .array(fc.oneof(fc.constant(0), fc.nat(100), fc.nat(2_000)), { maxLength: 60 })
  .map(steps => {
    let now = 0
    return steps.map(step => {
      now += step
      return now
    })
  })

describe('a throttle', () => {
  test('starts each run when its naive model does', () => {
    fc.assert(
      fc.property(rules, arrivalLists, (rule, arrivals) => {
        // Times in `limit` parts of a millisecond are whole numbers.
        let theoretical = Number.NEGATIVE_INFINITY
        let now = 0
        const expected = arrivals.map(arrival => {
          now = Math.max(now, arrival)
          while (theoretical - (rule.burst - 1) * rule.period >= (now + 1) * rule.limit) now++
          theoretical = Math.max(theoretical, now * rule.limit) + rule.period
          return now
        })
        expect(startsOf(rule, arrivals)).toEqual(expected)
      }),
    )
  })

  test('never starts more in a period than the limit and the rest of a burst', () => {
    fc.assert(
      fc.property(rules, arrivalLists, (rule, arrivals) => {
        const starts = startsOf(rule, arrivals)
        for (const [index, at] of starts.entries()) {
          const beyond = starts[index + rule.limit + rule.burst - 1]
          if (beyond !== undefined) expect(beyond - at).toBeGreaterThanOrEqual(rule.period)
        }
      }),
    )
  })

  test('uses all that the limit allows, also with many starts a millisecond', () => {
    const loads = fc.record({
      limit: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 500, max: 900 })),
      period: fc.integer({ min: 1, max: 700 }),
      burst: fc.integer({ min: 1, max: 6 }),
    })
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 3 }), (rule, periods) => {
        const most = rule.limit * periods + rule.burst
        const starts = startsOf(rule, new Array(most).fill(0))
        expect(starts.at(-1)).toBe(rule.period * periods)
      }),
      { numRuns: 50 },
    )
  })

  test('is idle exactly when it starts runs as if none had been', () => {
    let idle = 0
    const pauses = fc.oneof(fc.nat(100), fc.nat(2_000))
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 30 }), pauses, (rule, starts, pause) => {
        let state: ThrottleState | undefined
        let now = 0
        for (let each = 0; each < starts; each++) {
          now = Math.max(now, nextAt(state, rule))
          state = take(state, rule, now)
        }
        now += pause
        if (state === undefined) throw new Error('there was no start')
        if (!isIdle(state, rule, now)) return
        idle++
        expect(nextAt(state, rule)).toBeLessThanOrEqual(now)
        expect(take(state, rule, now)).toEqual(take(undefined, rule, now))
      }),
    )
    expect(idle).toBeGreaterThan(5)
    const rule = { limit: 3, period: 100, burst: 4 }
    const state = take(undefined, rule, 0)
    expect([isIdle(state, rule, 33), isIdle(state, rule, 34)]).toEqual([false, true])
  })

  test('spreads starts evenly, and lets a burst start at once', () => {
    const waiting = new Array(5).fill(0)
    expect(startsOf({ limit: 1, period: 5_000, burst: 1 }, waiting)).toEqual([
      0, 5_000, 10_000, 15_000, 20_000,
    ])
    expect(startsOf({ limit: 1, period: 5_000, burst: 2 }, waiting)).toEqual([
      0, 0, 5_000, 10_000, 15_000,
    ])
    expect(startsOf({ limit: 3, period: 1_000, burst: 1 }, waiting)).toEqual([
      0, 333, 666, 1_000, 1_333,
    ])
  })
})
