import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendar } from '../../src/define/calendar.ts'
import { type Schedule, tickFiresAt } from '../../src/router/schedule.ts'
import { due, ON_TIME, PAGE } from '../../src/router/schedule-due.ts'
import { DAY, HOUR, MINUTE, SECOND, schedule, schedules, T0, ticksBetween } from './schedules.ts'

const missedPolicies = ['skip', 'last', 'all'] as const

describe('a tick', () => {
  test.each(missedPolicies)('that is not due is waited for (%s)', missed => {
    const decision = due(schedule({ missed }), T0, T0 + HOUR - 1)
    expect(decision).toEqual({ fire: [], handled: T0, wakeAt: T0 + HOUR })
  })

  test.each(missedPolicies)('fires when it is due (%s)', missed => {
    for (const late of [0, 1, ON_TIME]) {
      const decision = due(schedule({ missed }), T0, T0 + HOUR + late)
      expect(decision).toEqual({ fire: [T0 + HOUR], handled: T0 + HOUR, wakeAt: T0 + 2 * HOUR })
    }
  })

  test.each(missedPolicies)('does not fire again when the clock is put back (%s)', missed => {
    const decision = due(schedule({ missed }), T0 + HOUR, T0 - DAY)
    expect(decision).toEqual({ fire: [], handled: T0 + HOUR, wakeAt: T0 + 2 * HOUR })
  })

  test('waits for its jitter, and is late only after it', () => {
    const jittered = schedule({ missed: 'skip', jitter: 30 * MINUTE })
    const firesAt = tickFiresAt(jittered, T0 + HOUR, calendar('@hourly', 'UTC'))
    expect(firesAt).toBeGreaterThan(T0 + HOUR + ON_TIME)
    expect(due(jittered, T0, firesAt - 1)).toEqual({ fire: [], handled: T0, wakeAt: firesAt })
    expect(due(jittered, T0, firesAt + ON_TIME).fire).toEqual([T0 + HOUR])
    expect(due(jittered, T0, firesAt + ON_TIME + 1).fire).toEqual([])
  })

  test('is the last when the calendar ends', () => {
    const end = Date.parse('2999-12-31T23:00Z')
    const decision = due(schedule(), end - HOUR, end)
    expect(decision).toMatchObject({ fire: [end], handled: end })
    expect(due(schedule(), end + HOUR, end + DAY)).toMatchObject({ fire: [], wakeAt: undefined })
  })
})

describe('after downtime', () => {
  const down = T0 + 10 * HOUR + 5 * MINUTE

  test("'skip' fires nothing and says what it passed over", () => {
    expect(due(schedule({ missed: 'skip' }), T0, down)).toEqual({
      fire: [],
      handled: T0 + 10 * HOUR,
      passedOver: { from: T0 + HOUR, before: T0 + 10 * HOUR + 1 },
      wakeAt: T0 + 11 * HOUR,
    })
  })

  test("'skip' fires the newest when that is on time", () => {
    expect(due(schedule({ missed: 'skip' }), T0, T0 + 10 * HOUR + SECOND)).toMatchObject({
      fire: [T0 + 10 * HOUR],
      passedOver: { from: T0 + HOUR, before: T0 + 10 * HOUR },
    })
  })

  test("'last' fires the newest", () => {
    expect(due(schedule(), T0, down)).toEqual({
      fire: [T0 + 10 * HOUR],
      handled: T0 + 10 * HOUR,
      passedOver: { from: T0 + HOUR, before: T0 + 10 * HOUR },
      wakeAt: T0 + 11 * HOUR,
    })
  })

  test("'all' fires each, page by page", () => {
    const all = schedule({ missed: 'all' })
    expect(due(all, T0, down)).toEqual({
      fire: ticksBetween(all, T0, down),
      handled: T0 + 10 * HOUR,
      wakeAt: T0 + 11 * HOUR,
    })
    const page = due(all, T0, down, 3)
    expect(page).toEqual({
      fire: [1, 2, 3].map(n => T0 + n * HOUR),
      handled: T0 + 3 * HOUR,
      wakeAt: down,
    })
    expect(due({ ...all, expression: '* * * * *' }, T0, down).fire).toHaveLength(PAGE)
  })

  test.each(['skip', 'last'] as const)('%s finds a newest tick that is due right now', missed => {
    for (let count = 1; count <= 20; count++) {
      const now = T0 + count * HOUR
      expect(due(schedule({ missed }), T0, now)).toMatchObject({ fire: [now], handled: now })
    }
  })

  // To visit the 31 million ticks, or the 86,400 of one far day, takes a processor much longer.
  test.each([
    ['* * * * * *', 'UTC', '2025-06-04T00:00:00Z'],
    ['* * * 1 1 *', 'Europe/Berlin', '2025-01-01T22:59:59Z'],
  ])('%s in %s is looked at in few places', (expression, tz, newest) => {
    const started = process.cpuUsage()
    const decision = due(schedule({ expression, tz }), T0, T0 + 366 * DAY + 500)
    expect(new Date(decision.handled)).toEqual(new Date(newest))
    expect(process.cpuUsage(started).user).toBeLessThan(4_000_000)
  })
})

describe('whatever crashes and clocks do', () => {
  /** `jump` moves the clock; a decision that `fails` was made by a process that died. */
  const moments = fc.array(
    fc.record({
      jump: fc.oneof(
        fc.integer({ min: 0, max: 3 * HOUR }),
        fc.integer({ min: 0, max: 48 }).map(hours => hours * HOUR),
        fc.integer({ min: 0, max: 2 * DAY }),
        fc.integer({ min: -DAY, max: 0 }),
      ),
      fails: fc.boolean(),
      most: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  type Moment = { readonly jump: number; readonly fails: boolean; readonly most: number }

  function live(of: Schedule, all: readonly Moment[], check: (now: number) => void = () => {}) {
    const fired: number[] = []
    let now = T0
    let handled = T0
    let latest = T0
    for (const { jump, fails, most } of all) {
      now += jump
      latest = Math.max(latest, now)
      check(now)
      const decision = due(of, handled, now, most)
      expect(due(of, handled, now, most)).toEqual(decision)
      for (const nominal of decision.fire) expect(nominal).toBeLessThanOrEqual(now)
      expect(decision.wakeAt ?? now).toBeGreaterThanOrEqual(now)
      if (fails) continue
      fired.push(...decision.fire)
      handled = decision.handled
    }
    return { fired, handled, latest }
  }

  test("'all' fires every tick once, in order", () => {
    fc.assert(
      fc.property(schedules(fc.constant('all')), moments, (of, all) => {
        const { fired, handled, latest } = live(of, all)
        expect(fired).toEqual(ticksBetween(of, T0, handled))
        // And all of them in the end, when it is asked until it would wait.
        const rest: number[] = []
        let decision = due(of, handled, latest)
        while (decision.fire.length > 0) {
          rest.push(...decision.fire)
          decision = due(of, decision.handled, latest)
        }
        const ticks = calendar(of.expression, of.tz)
        const expected = ticksBetween(of, T0, latest)
        expect([...fired, ...rest]).toEqual(
          expected.filter(nominal => tickFiresAt(of, nominal, ticks) <= latest),
        )
      }),
      { numRuns: 60 },
    )
  })

  test.each(['last', 'skip'] as const)('%s fires only the newest that is due', missed => {
    fc.assert(
      fc.property(schedules(fc.constant(missed)), moments, (of, all) => {
        const ticks = calendar(of.expression, of.tz)
        let now = T0
        let handled = T0
        for (const { jump, fails } of all) {
          now += jump
          const isDue = (nominal: number): boolean => tickFiresAt(of, nominal, ticks) <= now
          const dueNow = ticksBetween(of, handled, now).filter(isDue)
          const newest = dueNow.at(-1)
          const decision = due(of, handled, now)
          const isLate = newest !== undefined && now - tickFiresAt(of, newest, ticks) > ON_TIME
          const expected = missed === 'skip' && isLate ? [] : dueNow.slice(-1)
          expect(decision.fire).toEqual(expected)
          expect(decision.handled).toBe(newest ?? handled)
          const { from = 0, before = 0 } = decision.passedOver ?? {}
          expect(dueNow.filter(at => at >= from && at < before)).toEqual(
            dueNow.slice(0, dueNow.length - expected.length),
          )
          if (!fails) handled = decision.handled
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a schedule that is asked when it said so fires every tick at its time', () => {
    fc.assert(
      fc.property(schedules(fc.constantFrom(...missedPolicies)), of => {
        const ticks = calendar(of.expression, of.tz)
        let handled = T0
        let now = T0
        const fired: number[] = []
        for (let turn = 0; turn < 20; turn++) {
          const decision = due(of, handled, now)
          for (const nominal of decision.fire) expect(tickFiresAt(of, nominal, ticks)).toBe(now)
          fired.push(...decision.fire)
          handled = decision.handled
          now = decision.wakeAt ?? now
        }
        expect(fired).toHaveLength(19)
        expect(fired).toEqual(ticksBetween(of, T0, handled))
      }),
      { numRuns: 60 },
    )
  })
})
