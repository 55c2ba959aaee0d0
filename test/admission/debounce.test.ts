import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DebounceDecision,
  type DebounceState,
  debounce,
  isIdle,
} from '../../src/admission/debounce.ts'
import type { Debounce } from '../../src/define/flow/debounce.ts'
import { stored } from './stored.ts'

type Rule = Pick<Debounce, 'period' | 'timeout' | 'edge'>

interface Arrival {
  readonly at: number
  readonly ts: number
  readonly run: string
}

const arrivalLists = fc
  .array(fc.tuple(fc.oneof(fc.constant(0), fc.nat(30), fc.nat(120)), fc.nat(20)), { maxLength: 50 })
  .map(list => {
    let at = 0
    return list.map(([gap, ts], index): Arrival => {
      at += gap
      return { at, ts, run: `r${index}` }
    })
  })

function decisionsOf(rule: Rule, arrivals: readonly Arrival[]): DebounceDecision[] {
  let state: DebounceState | undefined
  return arrivals.map(({ at, ...request }) => {
    const { state: next, decision } = debounce(state, rule, request, at)
    state = stored(next)
    return decision
  })
}

/** All events of a group, looked at from the beginning whenever another one has come. */
function dueOf({ period, timeout }: Rule, group: readonly Arrival[]): number {
  const [first] = group
  const newest = Math.max(...group.map(({ ts }) => ts))
  const fresh = group.filter(({ ts }, index) => group.slice(0, index).every(one => one.ts <= ts))
  expect(fresh.at(-1)?.ts).toBe(newest)
  const quiet = (fresh.at(-1)?.at ?? 0) + period
  return timeout === undefined ? quiet : Math.min(quiet, (first?.at ?? 0) + timeout)
}

describe('a debounce', () => {
  test('gathers as its naive model does', () => {
    const rules = fc
      .tuple(fc.integer({ min: 1, max: 60 }), fc.option(fc.nat(100), { nil: undefined }))
      .map(([period, more]) => ({
        period,
        edge: 'trailing' as const,
        ...(more !== undefined && { timeout: period + more }),
      }))
    fc.assert(
      fc.property(rules, arrivalLists, (rule, arrivals) => {
        let group: Arrival[] = []
        const expected = arrivals.map((arrival): DebounceDecision => {
          const open = group.length > 0 && arrival.at < dueOf(rule, group)
          group = open ? [...group, arrival] : [arrival]
          const due = dueOf(rule, group)
          if (!open) return { kind: 'gather', due }
          const wins = group.every(({ ts }) => ts <= arrival.ts)
          return { kind: 'join', by: group[0]?.run ?? '', due, wins }
        })
        expect(decisionsOf(rule, arrivals)).toEqual(expected)
      }),
    )
  })

  test('starts at the latest when its timeout has passed, and not before it was quiet', () => {
    const rule: Rule = { period: 10, timeout: 25, edge: 'trailing' }
    const arrivals = [0, 8, 16, 24, 25].map((at, ts) => ({ at, ts, run: `r${ts}` }))
    expect(decisionsOf(rule, arrivals)).toEqual([
      { kind: 'gather', due: 10 },
      { kind: 'join', by: 'r0', due: 18, wins: true },
      { kind: 'join', by: 'r0', due: 25, wins: true },
      { kind: 'join', by: 'r0', due: 25, wins: true },
      { kind: 'gather', due: 35 },
    ])
  })

  test('is neither changed nor put off by an older event, and of equal ones the later wins', () => {
    const rule: Rule = { period: 10, edge: 'trailing' }
    const { state } = debounce(undefined, rule, { run: 'a', ts: 100 }, 0)
    const older = debounce(state, rule, { run: 'b', ts: 99 }, 5)
    expect(older.state).toBe(state)
    expect(older.decision).toEqual({ kind: 'join', by: 'a', due: 10, wins: false })
    const equal = debounce(state, rule, { run: 'b', ts: 100 }, 5)
    expect(equal.decision).toEqual({ kind: 'join', by: 'a', due: 15, wins: true })
  })

  test('with edge leading starts the first and skips until it has been quiet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), arrivalLists, (period, arrivals) => {
        let started = ''
        const expected = arrivals.map(({ at, run }, index): DebounceDecision => {
          const before = arrivals[index - 1]
          if (before !== undefined && at < before.at + period) return { kind: 'skip', by: started }
          started = run
          return { kind: 'start' }
        })
        expect(decisionsOf({ period, edge: 'leading' }, arrivals)).toEqual(expected)
      }),
    )
  })

  test('is idle when it is over, and says nothing to another edge', () => {
    const request = { run: 'a', ts: 0 }
    for (const edge of ['leading', 'trailing'] as const) {
      const { state } = debounce(undefined, { period: 10, edge }, request, 5)
      expect([14, 15].map(now => isIdle(state, now))).toEqual([false, true])
      const other = edge === 'leading' ? 'trailing' : 'leading'
      const { decision } = debounce(state, { period: 10, edge: other }, request, 6)
      expect(decision.kind).toBe(other === 'leading' ? 'start' : 'gather')
    }
  })
})
