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
