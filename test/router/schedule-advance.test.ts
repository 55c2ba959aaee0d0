import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adopt, type Schedule, type ScheduleState } from '../../src/router/schedule.ts'
import { advance, BUFFER } from '../../src/router/schedule-advance.ts'
import { PAGE } from '../../src/router/schedule-due.ts'
import { DAY, HOUR, MINUTE, schedule, schedules, T0, ticksBetween } from './schedules.ts'

const begin = (of: Schedule): ScheduleState => adopt(of, undefined, T0)

describe('a schedule', () => {
  test('starts what is due and says when to come again', () => {
    const of = schedule()
    expect(advance(of, begin(of), [], T0 + HOUR)).toEqual({
      state: { ...begin(of), handled: T0 + HOUR },
      start: [T0 + HOUR],
      cancel: [],
      skipped: [],
      wakeAt: T0 + 2 * HOUR,
    })
  })

  test('changes nothing when it is asked early', () => {
    const of = schedule({ overlap: 'cancel-other' })
    const decision = advance(of, begin(of), ['run'], T0 + MINUTE)
    expect(decision).toEqual({
      state: begin(of),
      start: [],
      cancel: [],
      skipped: [],
      wakeAt: T0 + HOUR,
    })
  })

  test('tells what it passed over', () => {
    const of = schedule()
    const { passedOver } = advance(of, begin(of), [], T0 + 3 * HOUR)
    expect(passedOver).toEqual({ from: T0 + HOUR, before: T0 + 3 * HOUR })
  })

  test('cancels, waits, and starts when the cancelled run has ended', () => {
    const of = schedule({ overlap: 'cancel-other' })
    const ticked = advance(of, begin(of), ['old'], T0 + HOUR)
    expect(ticked).toMatchObject({ start: [], cancel: ['old'], state: { buffered: [T0 + HOUR] } })
    const ended = advance(of, ticked.state, [], T0 + HOUR + MINUTE)
    expect(ended).toMatchObject({ start: [T0 + HOUR], cancel: [], state: { buffered: [] } })
    expect(ended.wakeAt).toBe(T0 + 2 * HOUR)
  })

  test('whose policy changed brings what was buffered under the new one', () => {
    const state = { ...begin(schedule()), buffered: [T0 - 2, T0 - 1] }
    const at = (overlap: Schedule['overlap'], active: string[]) =>
      advance(schedule({ overlap }), state, active, T0)
    expect(at('allow-all', ['run']).start).toEqual([T0 - 2, T0 - 1])
    expect(at('skip', ['run'])).toMatchObject({
      skipped: [T0 - 2, T0 - 1],
      state: { buffered: [] },
    })
    expect(at('buffer-one', ['run'])).toMatchObject({ state: { buffered: [T0 - 1] } })
  })
})

describe("'buffer-all'", () => {
  const of = schedule({ overlap: 'buffer-all', missed: 'all', expression: '* * * * *' })
  const now = T0 + DAY

  test('fills up, then leaves what is due where it is until a run ends', () => {
    let state = begin(of)
    let decision = advance(of, state, ['run'], now)
    expect(decision.wakeAt).toBe(now)
    let turns = 1
    while (decision.wakeAt !== undefined) {
      state = decision.state
      decision = advance(of, state, ['run'], now)
      turns++
    }
    expect(turns).toBe(BUFFER / PAGE)
    expect(decision.state.buffered).toEqual(ticksBetween(of, T0, T0 + BUFFER * MINUTE))
    const full = advance(of, decision.state, ['run'], now)
    expect(full).toMatchObject({ state: decision.state, start: [], skipped: [], wakeAt: undefined })

    const ended = advance(of, full.state, [], now)
    expect(ended.start).toEqual([T0 + MINUTE])
    expect(ended.state.buffered).toEqual(ticksBetween(of, T0 + MINUTE, T0 + (BUFFER + 1) * MINUTE))
    expect(ended.wakeAt).toBeUndefined()
  })

  test('fits in a small row', () => {
    const state = { ...begin(of), buffered: Array.from({ length: BUFFER }, (_, n) => T0 + n) }
    expect(JSON.stringify(state).length).toBeLessThan(2_000)
  })
})

describe('a life of ticks, ends and crashes', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('tick' as const),
        jump: fc.integer({ min: 0, max: 5 * HOUR }),
      }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
      fc.record({
        kind: fc.constant('crash' as const),
        jump: fc.integer({ min: -HOUR, max: DAY }),
      }),
    ),
    { minLength: 1, maxLength: 25 },
  )

  test('keeps the laws of every policy', () => {
    fc.assert(
      fc.property(schedules(fc.constantFrom('skip', 'last', 'all')), steps, (of, all) => {
        let now = T0
        let state = begin(of)
        const active = new Map<string, number>()
        const started: number[] = []
        const settled: number[] = []
        for (const step of all) {
          if (step.kind === 'end') {
            const id = [...active.keys()][step.which % Math.max(1, active.size)]
            if (id !== undefined) active.delete(id)
          } else {
            now += step.jump
          }
          const decision = advance(of, state, [...active.keys()], now)
          if (step.kind === 'crash') continue
          for (const id of decision.cancel) expect(active.has(id)).toBe(true)
          for (const nominal of decision.start) active.set(`${of.id}/${nominal}`, nominal)
          started.push(...decision.start)
          settled.push(...decision.start, ...decision.skipped)
          state = decision.state

          if (of.overlap !== 'allow-all') expect(active.size).toBeLessThanOrEqual(1)
          expect(state.buffered.length).toBeLessThanOrEqual(
            of.overlap === 'buffer-all' ? BUFFER : 1,
          )
          if (state.buffered.length > 0) expect(active.size).toBeGreaterThan(0)
          if (decision.wakeAt === undefined) expect(active.size).toBeGreaterThan(0)
        }
        expect(started).toEqual([...new Set(started)].sort((a, b) => a - b))
        const accounted = [...settled, ...state.buffered].sort((a, b) => a - b)
        expect(new Set(accounted).size).toBe(accounted.length)
        if (of.missed === 'all') expect(accounted).toEqual(ticksBetween(of, T0, state.handled))
      }),
      { numRuns: 150 },
    )
  })
})
