import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BatchState, batch, isIdle } from '../../src/admission/batch.ts'
import { stored } from './stored.ts'

interface Event {
  readonly at: number
  readonly bytes: number
}

interface Group {
  readonly run: string
  readonly events: Event[]
  readonly due: number
  closed: 'full' | 'rolled' | undefined
}

const eventLists = fc
  .array(fc.tuple(fc.oneof(fc.constant(0), fc.nat(30)), fc.oneof(fc.nat(5), fc.nat(40))), {
    maxLength: 60,
  })
  .map(list => {
    let at = 0
    return list.map(([gap, bytes]): Event => {
      at += gap
      return { at, bytes }
    })
  })

const rules = fc.record({
  maxSize: fc.integer({ min: 2, max: 6 }),
  timeout: fc.integer({ min: 1, max: 80 }),
})

/** The batches that the decisions make, in the order in which they began. */
function groupsOf(
  rule: { maxSize: number; timeout: number },
  events: readonly Event[],
  bytesMax: number,
): Group[] {
  const groups: Group[] = []
  const group = (run: string): Group => groups.find(each => each.run === run) as Group
  let state: BatchState | undefined
  for (const [index, event] of events.entries()) {
    const request = { run: `r${index}`, bytes: event.bytes }
    const { state: next, decision } = batch(state, rule, request, event.at, bytesMax)
    if (decision.kind === 'begin') {
      if (decision.closes !== undefined) group(decision.closes).closed = 'rolled'
      groups.push({ run: request.run, events: [], due: decision.due, closed: undefined })
    }
    const mine = group(decision.kind === 'begin' ? request.run : decision.by)
    expect(mine.closed).toBeUndefined()
    expect(event.at).toBeLessThan(mine.due)
    mine.events.push(event)
    if (decision.full) mine.closed = 'full'
    expect(next === undefined).toBe(decision.full)
    state = stored(next)
  }
  return groups
}

describe('a batch', () => {
  test('is cut as its naive model cuts it', () => {
    const most = fc.integer({ min: 1, max: 60 })
    fc.assert(
      fc.property(rules, eventLists, most, ({ maxSize, timeout }, events, bytesMax) => {
        const expected: Event[][] = []
        const sizeOf = (group: readonly Event[]): number =>
          group.reduce((sum, { bytes }) => sum + bytes, 0)
        const takes = (group: readonly Event[] | undefined, event: Event): boolean =>
          group?.[0] !== undefined &&
          event.at < group[0].at + timeout &&
          group.length < maxSize &&
          sizeOf(group) < bytesMax &&
          sizeOf([...group, event]) <= bytesMax
        for (const event of events) {
          const last = expected.at(-1)
          if (takes(last, event)) last?.push(event)
          else expected.push([event])
        }
        const groups = groupsOf({ maxSize, timeout }, events, bytesMax)
        expect(groups.map(group => group.events)).toEqual(expected)
        for (const [index, group] of groups.entries()) {
          const isFull = group.events.length === maxSize || sizeOf(group.events) >= bytesMax
          const next = groups[index + 1]?.events[0]
          const rolled = !isFull && next !== undefined && next.at < group.due
          expect(group.closed).toBe(isFull ? 'full' : rolled ? 'rolled' : undefined)
          expect(group.due).toBe((group.events[0]?.at ?? 0) + timeout)
        }
      }),
    )
  })

  test('of 8 events and 5 at the most is full with the fifth', () => {
    const events = [0, 1, 2, 3, 4, 5, 6, 7].map(at => ({ at, bytes: 1 }))
    const groups = groupsOf({ maxSize: 5, timeout: 100 }, events, 1_000)
    expect(groups.map(({ events: { length }, due, closed }) => ({ length, due, closed }))).toEqual([
      { length: 5, due: 100, closed: 'full' },
      { length: 3, due: 105, closed: undefined },
    ])
  })

  test('holds 10 MiB unless told otherwise', () => {
    const rule = { maxSize: 100, timeout: 100 }
    const MiB = 1 << 20
    const { state } = batch(undefined, rule, { run: 'a', bytes: 9 * MiB }, 0)
    const decisionOf = (bytes: number) => batch(state, rule, { run: 'b', bytes }, 1).decision
    expect(decisionOf(MiB - 1)).toEqual({ kind: 'join', by: 'a', full: false })
    expect(decisionOf(MiB)).toEqual({ kind: 'join', by: 'a', full: true })
    expect(decisionOf(MiB + 1)).toEqual({ kind: 'begin', due: 101, full: false, closes: 'a' })
    expect(decisionOf(11 * MiB)).toEqual({ kind: 'begin', due: 101, full: true, closes: 'a' })
    expect(state && [99, 100].map(now => isIdle(state, now))).toEqual([false, true])
  })
})
