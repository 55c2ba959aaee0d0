import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isIdle, type RateLimitState, rateLimit } from '../../src/admission/rate-limit.ts'
import type { RateLimit } from '../../src/define/flow/rate-limit.ts'
import { stored } from './stored.ts'

type Algorithm = RateLimit['algorithm']
type Rule = Pick<RateLimit, 'limit' | 'period' | 'algorithm'>

const gaps = fc.oneof(
  fc.array(fc.nat(3), { maxLength: 80 }),
  fc.array(fc.oneof(fc.nat(2), fc.nat(60), fc.nat(500)), { maxLength: 80 }),
)
const rules = (algorithm: Algorithm) =>
  fc.record({
    limit: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 10, max: 35 })),
    period: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 400 })),
    algorithm: fc.constant(algorithm),
  })

/** The times at which something arrives. */
const timesOf = (steps: readonly number[], start = 0): number[] => {
  let now = start
  return steps.map(gap => {
    now += gap
    return now
  })
}

/** What becomes of each arrival: when the next would be admitted; `now` if this one is. */
function untils(rule: Rule, times: readonly number[], state?: RateLimitState): number[] {
  let current = state
  return times.map(now => {
    const { state: next, decision } = rateLimit(current, rule, now)
    if (decision.kind === 'refuse') {
      expect(next).toBe(current)
      expect(decision.until).toBeGreaterThan(now)
    }
    current = stored(next)
    return decision.kind === 'admit' ? now : decision.until
  })
}

interface Naive {
  /** When the next is admitted, from `now` on. */
  until(now: number): number
  admit(now: number): void
}

const models: { readonly [Name in Algorithm]: (rule: Rule) => Naive } = {
  sliding: ({ limit, period }) => {
    const admitted: number[] = []
    const hasRoom = (at: number): boolean =>
      admitted.filter(each => each > at - period && each <= at).length < limit
    return {
      until: now => {
        let at = now
        while (!hasRoom(at)) at++
        return at
      },
      admit: now => admitted.push(now),
    }
  },
  fixed: ({ limit, period }) => {
    let window: number[] = []
    return {
      until: now => {
        const [first] = window
        if (first === undefined || now >= first + period) window = []
        return window.length < limit ? now : (window[0] ?? 0) + period
      },
      admit: now => window.push(now),
    }
  },
  // Whole numbers only: times are counted in `limit` parts of a millisecond.
  gcra: ({ limit, period }) => {
    let theoretical = Number.NEGATIVE_INFINITY
    const early = Math.floor(limit / 10) * period
    return {
      until: now => {
        let at = now
        while (theoretical - early >= (at + 1) * limit) at++
        return at
      },
      admit: now => {
        theoretical = Math.max(theoretical, now * limit) + period
      },
    }
  },
}

describe.each<Algorithm>(['sliding', 'fixed', 'gcra'])('the algorithm %s', algorithm => {
  test('decides as its naive model does, about each arrival and about when the next fits', () => {
    fc.assert(
      fc.property(rules(algorithm), gaps, (rule, steps) => {
        const model = models[algorithm](rule)
        const times = timesOf(steps)
        const expected = times.map(now => {
          const until = model.until(now)
          if (until === now) model.admit(now)
          return until
        })
        expect(untils(rule, times)).toEqual(expected)
      }),
    )
  })

  test('admits at the very time it named, and not a millisecond before', () => {
    fc.assert(
      fc.property(rules(algorithm), gaps, (rule, steps) => {
        let state: RateLimitState | undefined
        for (const now of timesOf(steps)) {
          const { state: next, decision } = rateLimit(state, rule, now)
          state = next
          if (decision.kind === 'admit') continue
          expect(rateLimit(state, rule, decision.until - 1).decision.kind).toBe('refuse')
          expect(rateLimit(state, rule, decision.until).decision.kind).toBe('admit')
        }
      }),
    )
  })

  test('is idle exactly when it decides as if nothing had been', () => {
    let idle = 0
    fc.assert(
      fc.property(rules(algorithm), gaps, gaps, fc.nat(500), (rule, before, after, pause) => {
        const past = timesOf(before)
        let state: RateLimitState | undefined
        for (const now of past) state = rateLimit(state, rule, now).state
        if (state === undefined) return
        const start = (past.at(-1) ?? 0) + pause
        const crowd = [...new Array(rule.limit + 1).fill(0), ...after]
        if (isIdle(state, rule, start)) {
          idle++
          const times = timesOf(crowd, start)
          expect(untils(rule, times, state)).toEqual(untils(rule, times))
        } else if (!isIdle(state, rule, start + 1)) {
          // Parts of a millisecond that are left do not show.
          const times = timesOf(crowd, start)
          const says = (['sliding', 'fixed', 'gcra'] as const).map(each => {
            const other = { ...rule, algorithm: each }
            return isDeepStrictEqual(untils(other, times, state), untils(other, times))
          })
          expect(says).toContain(false)
        }
      }),
    )
    expect(idle).toBeGreaterThan(5)
  })

  test('is idle as soon as its last admission has had its time', () => {
    const rule = { limit: 1, period: 100, algorithm }
    const { state } = rateLimit(undefined, rule, 5)
    expect([104, 105].map(now => state && isIdle(state, rule, now))).toEqual([false, true])
  })

  test('goes on from what another one knows', () => {
    const rule = { limit: 1, period: 100, algorithm }
    for (const other of ['sliding', 'fixed', 'gcra'] as const) {
      const { state } = rateLimit(undefined, { ...rule, algorithm: other }, 0)
      expect(rateLimit(state, rule, 1).decision).toEqual({ kind: 'refuse', until: 100 })
      expect(rateLimit(state, rule, 100).decision.kind).toBe('admit')
      expect(state && [99, 100].map(now => isIdle(state, rule, now))).toEqual([false, true])
    }
  })

  test('lets in no more than the limit for a period after it was another one', () => {
    let refused = 0
    const others = fc.constantFrom<Algorithm>('sliding', 'fixed', 'gcra')
    fc.assert(
      fc.property(rules(algorithm), others, gaps, gaps, (rule, other, before, after) => {
        const { limit, period } = rule
        const admitted: number[] = []
        let state: RateLimitState | undefined
        const arrive = (now: number, by: Algorithm): void => {
          const { state: next, decision } = rateLimit(state, { ...rule, algorithm: by }, now)
          state = stored(next)
          if (decision.kind === 'admit') admitted.push(now)
        }
        for (const now of timesOf(before)) arrive(now, other)
        const old = admitted.length
        const last = admitted.at(-1) ?? Number.NEGATIVE_INFINITY
        const times = timesOf([...after, 1, 1, 1, 1], timesOf(before).at(-1) ?? 0)
        if (other === algorithm) return
        for (const now of times) arrive(now, algorithm)
        for (const [index, at] of admitted.entries()) {
          if (index < old || at >= last + period) continue
          const inside = admitted.slice(0, index + 1).filter(each => each > at - period)
          expect(inside.length).toBeLessThanOrEqual(limit)
        }
        if (admitted.length < old + times.length) refused++
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(20)
  })

  test('without a rule it says something as long as it would have', () => {
    const rule = { limit: 2, period: 100, algorithm }
    const { state } = rateLimit(undefined, rule, 5)
    expect(state && [104, 105].map(now => isIdle(state, undefined, now))).toEqual([false, true])
  })
})

describe('a sliding window', () => {
  test('of a limit up to 1,000 is exact to the millisecond', () => {
    const rule = { limit: 1_000, period: 1_000_000, algorithm: 'sliding' as const }
    const times = Array.from({ length: 1_001 }, (_, index) => 7 + index)
    expect(untils(rule, times).at(-1)).toBe(1_000_007)
  })

  test('of a large limit is never exceeded, and refuses for a thousandth too long at most', () => {
    const large = fc.record({
      limit: fc.integer({ min: 1_001, max: 1_300 }),
      period: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 5_000, max: 90_000 })),
      algorithm: fc.constant('sliding' as const),
    })
    const crowds = fc.array(
      fc.tuple(fc.oneof(fc.constant('until' as const), fc.nat(50), fc.nat(30_000)), fc.nat(900)),
      { minLength: 4, maxLength: 20 },
    )
    let refused = 0
    fc.assert(
      fc.property(large, crowds, (rule, steps) => {
        const { limit, period } = rule
        const admitted: number[] = []
        let state: RateLimitState | undefined
        let now = 0
        let until = 0
        for (const [gap, count] of steps) {
          now = gap === 'until' ? Math.max(now, until) : now + gap
          for (let each = 0; each < count; each++) {
            const { state: next, decision } = rateLimit(state, rule, now)
            state = next
            if (decision.kind === 'admit') {
              admitted.push(now)
              continue
            }
            refused++
            until = decision.until
            const counting = admitted.filter(at => at + period + period / 1_000 > now)
            expect(counting.length).toBeGreaterThanOrEqual(limit)
            break
          }
        }
        for (const [index, at] of admitted.entries()) {
          const next = admitted[index + limit]
          if (next !== undefined && next - at < period) throw new Error(`${at} and ${next}`)
        }
      }),
      { numRuns: 60 },
    )
    expect(refused).toBeGreaterThan(20)
  })

  test('of a large limit keeps about a thousand times', () => {
    for (const period of [1_999, 86_400_000]) {
      const rule = { limit: 5_000, period, algorithm: 'sliding' as const }
      let state: RateLimitState | undefined
      for (let each = 0; each < 3_000; each++) {
        state = rateLimit(state, rule, Math.floor((each * period) / 2_500)).state
      }
      expect(state?.kind === 'sliding' && state.hits.length).toBeLessThanOrEqual(2_000)
      expect(state?.kind === 'sliding' && state.hits.length).toBeGreaterThan(900)
      stored(state)
    }
  })

  test('goes on when the limit of the workflow was changed', () => {
    const before = { limit: 5, period: 100, algorithm: 'sliding' as const }
    let state: RateLimitState | undefined
    for (const now of [0, 10, 20, 30, 40]) state = rateLimit(state, before, now).state
    const after = { ...before, limit: 2 }
    expect(rateLimit(state, after, 50).decision).toEqual({ kind: 'refuse', until: 130 })
    expect(rateLimit(state, { ...before, limit: 6 }, 50).decision).toEqual({ kind: 'admit' })
    expect(rateLimit(state, { ...after, period: 20 }, 50).decision).toEqual({ kind: 'admit' })
  })
})

describe('the algorithm gcra', () => {
  const HOUR = 3_600_000

  test('admits a tenth of the limit more at once, and then one an interval', () => {
    const rule = { limit: 10, period: HOUR, algorithm: 'gcra' as const }
    expect(untils(rule, [0, 0, 0, 1, 359_999, 360_000, 360_001, 2 * HOUR, 2 * HOUR])).toEqual([
      0,
      0,
      360_000,
      360_000,
      360_000,
      360_000,
      720_000,
      2 * HOUR,
      2 * HOUR,
    ])
    const small = { limit: 5, period: 24 * HOUR, algorithm: 'gcra' as const }
    expect(untils(small, [0, 0])).toEqual([0, 4.8 * HOUR])
  })
})
