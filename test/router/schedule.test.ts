import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendar } from '../../src/define/calendar.ts'
import { adopt, fireAt, nextAfter, tickFiresAt } from '../../src/router/schedule.ts'
import { DAY, HOUR, MINUTE, SECOND, schedule, T0, ticksBetween } from './schedules.ts'

describe('a schedule that is met', () => {
  test('for the first time begins now', () => {
    const state = adopt(schedule(), undefined, T0)
    expect(state).toEqual({ handled: T0, calendar: 'UTC @hourly', buffered: [] })
    expect(nextAfter(schedule(), state.handled)).toBe(T0 + HOUR)
  })

  test('again goes on where it was, with whatever options', () => {
    const state = { ...adopt(schedule(), undefined, T0), buffered: [T0] }
    const changed = schedule({ missed: 'all', overlap: 'skip', jitter: 5 })
    expect(adopt(changed, state, T0 + DAY)).toEqual(state)
  })

  test.each([{ expression: '* * * * *' }, { tz: 'Asia/Tokyo' }])(
    'with %j changed begins now and keeps what is buffered',
    change => {
      const state = { ...adopt(schedule(), undefined, T0), buffered: [T0] }
      const next = adopt(schedule(change), state, T0 + DAY)
      expect(next).toMatchObject({ handled: T0 + DAY, buffered: [T0] })
      expect(next.calendar).not.toBe(state.calendar)
    },
  )
})

describe('jitter', () => {
  test('is the same on every machine and in every release', () => {
    expect([T0, T0 + HOUR, T0 + 2 * HOUR].map(at => fireAt('report', at, MINUTE) - at)).toEqual([
      17_106, 5_427, 26_747,
    ])
  })

  test('is a delay below its bound that belongs to schedule and tick', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 0, max: 4e12 }),
        fc.double({ min: 0, max: 400 * DAY, noNaN: true }),
        (id, nominal, jitter) => {
          const at = fireAt(id, nominal, jitter)
          expect(at).toBe(fireAt(id, nominal, jitter))
          expect(Number.isInteger(at)).toBe(true)
          expect(at).toBeGreaterThanOrEqual(nominal)
          expect(at - nominal).toBeLessThan(Math.max(jitter, Number.MIN_VALUE))
        },
      ),
    )
  })

  test('spreads schedules over its whole length, and the ticks of one', () => {
    const delays = Array.from({ length: 1_000 }, (_, n) => fireAt(`s${n}`, T0, HOUR) - T0)
    const ticks = Array.from({ length: 1_000 }, (_, n) => fireAt('s', T0 + n, HOUR) - T0 - n)
    for (const all of [delays, ticks]) {
      const tenths = new Map<number, number>()
      for (const delay of all) {
        const tenth = Math.floor((10 * delay) / HOUR)
        tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1)
      }
      expect([...tenths.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (const count of tenths.values()) expect(count).toBeGreaterThan(60)
    }
  })

  test('never reaches the next tick, however long it is and however uneven the ticks', () => {
    const uneven = schedule({ expression: '0,1,30 9 * * *', jitter: 3 * DAY })
    const ticks = calendar(uneven.expression, uneven.tz)
    const nominals = ticksBetween(uneven, T0, T0 + 60 * DAY)
    const delays = nominals.map((at, n) => {
      const firesAt = tickFiresAt(uneven, at, ticks)
      expect(firesAt).toBeGreaterThanOrEqual(at)
      expect(firesAt).toBeLessThan(nominals[n + 1] ?? T0 + 61 * DAY)
      return firesAt - at
    })
    // Cut by scaling: after the cut the delays still spread over the distance that is left.
    const close = delays.filter((_, n) => n % 3 === 0)
    expect(new Set(close.map(delay => Math.floor(delay / (15 * SECOND)))).size).toBe(4)
  })
})
