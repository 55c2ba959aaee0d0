import fc from 'fast-check'
import type { Missed, Overlap } from '../../src/define/cron.ts'
import { nextAfter, type Schedule } from '../../src/router/schedule.ts'

export const T0 = Date.parse('2024-06-03T00:00:00Z')
export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const schedule = (changes: Partial<Schedule> = {}): Schedule => ({
  id: 'report',
  expression: '@hourly',
  tz: 'UTC',
  missed: 'last',
  overlap: 'allow-all',
  jitter: 0,
  ...changes,
})

export const overlaps: readonly Overlap[] = [
  'skip',
  'buffer-one',
  'buffer-all',
  'cancel-other',
  'allow-all',
]

/** Schedules of every policy, dense and sparse, even and uneven, with and without jitter. */
export const schedules = (missed: fc.Arbitrary<Missed>): fc.Arbitrary<Schedule> =>
  fc.record({
    id: fc.constantFrom('a', 'b', 'report'),
    expression: fc.constantFrom(
      '@hourly',
      '30 */20 * * * *',
      '0 9,10 * * *',
      '0,1,30 */3 * * 1-5',
      '0 0 1 * *',
    ),
    tz: fc.constantFrom('UTC', 'UTC', 'UTC', 'Europe/Berlin'),
    missed,
    overlap: fc.constantFrom(...overlaps),
    jitter: fc.constantFrom(0, 0, 15 * SECOND, 10 * MINUTE, 3 * DAY),
  })

/** Every nominal time after one moment and up to another. */
export function ticksBetween(of: Schedule, after: number, upTo: number): number[] {
  const found: number[] = []
  let at = nextAfter(of, after)
  while (at !== undefined && at <= upTo) {
    found.push(at)
    at = nextAfter(of, at)
  }
  return found
}
