import { expect, test } from 'vitest'
import type { TimerKey } from '../../journal/keys.ts'
import { Alarm } from '../../src/timers/alarm.ts'

test('what is armed before the start rings once the alarm is started', () => {
  const fired: (readonly TimerKey[])[] = []
  const asked: number[] = []
  const alarm = new Alarm({
    failed(error) {
      throw error
    },
    now: () => ({ wall: 1_000_000, elapsed: 1_000_000 }),
    alarm(ms) {
      asked.push(ms)
      return () => {}
    },
    async *stored() {},
    fire: due => void fired.push(due),
  })
  const overdue: TimerKey = { clock: 'elapsed', due: 999_000, run: 'r1', seq: 4 }
  const next: TimerKey = { clock: 'elapsed', due: 1_002_000, run: 'r2', seq: 4 }
  alarm.arm(overdue)
  alarm.arm(next)
  expect({ asked, fired }).toEqual({ asked: [], fired: [] })
  const before = { wall: 2_000_000, elapsed: 2_000_000 }
  alarm.start({ keys: [overdue, next], before })
  expect(fired).toEqual([[overdue]])
  expect(asked).toContain(2_000)
})

/** A clock that goes on by so much whenever somebody looks at it: code takes time. */
class Busy {
  readonly #step: number
  #time = 1_000_000
  #alarms: { at: number; ring: () => void }[] = []

  constructor(step: number) {
    this.#step = step
  }

  now(): { wall: number; elapsed: number } {
    this.#time += this.#step
    const time = Math.floor(this.#time)
    return { wall: time, elapsed: time }
  }

  alarm(ms: number, ring: () => void): () => void {
    const alarm = { at: this.#time + ms, ring }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter(other => other !== alarm)
    }
  }

  /** Lets time pass up to the next alarm; false if that is beyond. */
  pass(until: number): boolean {
    const [next] = this.#alarms.sort((a, b) => a.at - b.at)
    if (next === undefined || next.at > until) return false
    this.#alarms.shift()
    this.#time = Math.max(this.#time, next.at)
    next.ring()
    return true
  }
}

test.each([0, 0.25, 0.5, 1, 2])(
  'every timer fires within its second, whatever time its own work takes (%s ms a look)',
  step => {
    const clock = new Busy(step)
    const left = new Set<string>()
    const alarm = new Alarm({
      failed(error) {
        throw error
      },
      now: () => clock.now(),
      alarm: (ms, ring) => clock.alarm(ms, ring),
      async *stored() {},
      fire: due => due.forEach(({ run }) => void left.delete(run)),
    })
    const before = { wall: 2_000_000, elapsed: 2_000_000 }
    alarm.start({ keys: [], before })
    for (let at = 0; at < 300; at++) {
      const run = `r${at}`
      left.add(run)
      alarm.arm({ clock: at % 2 ? 'wall' : 'elapsed', due: 1_001_000 + at, run, seq: 0 })
    }
    for (let rings = 0; clock.pass(1_010_000); rings++) expect(rings).toBeLessThan(10_000)
    expect([...left]).toEqual([])
  },
)
