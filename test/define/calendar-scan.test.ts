import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendar } from '../../src/define/calendar.ts'
import { localTimeIn, scan } from './local-time.ts'

const DAY = 86_400_000
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Santiago',
]
const localTimes = new Map(zones.map(tz => [tz, localTimeIn(tz)]))

/** In hours of UTC: when clocks change in some zone, and two days on which they do not. */
const changes = [
  '2024-03-31T01:00Z',
  '2024-10-27T01:00Z',
  '2024-03-10T07:00Z',
  '2024-11-03T06:00Z',
  '2024-04-06T15:00Z',
  '2024-10-05T15:30Z',
  '2024-04-07T03:00Z',
  '2024-09-08T04:00Z',
  '2024-02-28T12:00Z',
  '2024-12-30T12:00Z',
].map(text => Date.parse(text))

const field = (least: number, most: number): fc.Arbitrary<string> => {
  const number = fc.integer({ min: least, max: most })
  const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: number.map(String) },
    fc.array(number.map(String), { minLength: 2, maxLength: 4 }).map(list => list.join(',')),
    range,
    fc.integer({ min: 2, max: Math.ceil(most / 2) }).map(step => `*/${step}`),
    fc.tuple(range, fc.integer({ min: 2, max: 5 })).map(([text, step]) => `${text}/${step}`),
  )
}

const often = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, arbitrary)

const expressions = fc
  .tuple(
    field(0, 59),
    fc.oneof(field(0, 23), field(0, 4)),
    often(field(1, 28)),
    often(field(1, 12)),
    often(field(0, 6)),
  )
  .map(fields => fields.join(' '))

describe('against a scan of every minute', () => {
  const MOST = 40
  const WEEKS = 21 * DAY

  test('finds the same occurrences, in strictly rising order', () => {
    fc.assert(
      fc.property(
        expressions,
        fc.constantFrom(...zones),
        fc.constantFrom(...changes),
        fc.integer({ min: -3 * DAY, max: 2 * 3_600_000 }),
        (expression, tz, change, shift) => {
          const ticks = calendar(expression, tz)
          const local = localTimes.get(tz)
          if (local === undefined) throw new Error(`no local time for ${tz}`)
          const after = change + shift
          const expected = scan(expression, local, after, after + WEEKS, MOST)
          const found: number[] = []
          let at = ticks.next(after)
          while (at !== undefined && at <= after + WEEKS && found.length < MOST) {
            expect(at).toBeGreaterThan(found.at(-1) ?? after)
            found.push(at)
            at = ticks.next(at)
          }
          expect(found.map(iso)).toEqual(expected.map(iso))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('answers the same wherever between two occurrences it is asked', () => {
    fc.assert(
      fc.property(
        expressions,
        fc.constantFrom(...zones),
        fc.constantFrom(...changes),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), {
          minLength: 1,
          maxLength: 5,
        }),
        (expression, tz, change, shares) => {
          const { next } = calendar(expression, tz)
          let from = change - DAY / 2
          for (const share of shares) {
            const to = next(from)
            if (to === undefined) return
            expect(next(from + Math.floor(share * (to - from)))).toBe(to)
            from = to
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

const iso = (at: number): string => new Date(at).toISOString()
