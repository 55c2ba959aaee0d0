import { describe, expect, test } from 'vitest'
import { calendar } from '../../src/define/calendar.ts'

/** The instants of the first `count` occurrences after a moment. */
function occurrences(expression: string, tz: string, after: string, count: number): string[] {
  const ticks = calendar(expression, tz)
  const found: string[] = []
  let at: number | undefined = Date.parse(after)
  while (found.length < count) {
    at = ticks.next(at)
    if (at === undefined) break
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'))
  }
  return found
}

interface Case {
  readonly tz: string
  readonly expression: string
  readonly after: string
  readonly then: readonly string[]
}

const BERLIN = 'Europe/Berlin'
const NEW_YORK = 'America/New_York'
const LORD_HOWE = 'Australia/Lord_Howe'

const put = (tz: string, expression: string, after: string, ...then: string[]): Case => ({
  tz,
  expression,
  after,
  then,
})

describe('clocks that are put forward', () => {
  test.each<Case>([
    // Berlin, 31 March 2024: 02:00 becomes 03:00 at 01:00Z.
    put(
      BERLIN,
      '30 2 * * *',
      '2024-03-30T00:00Z',
      '2024-03-30T01:30Z',
      '2024-03-31T01:00Z',
      '2024-04-01T00:30Z',
    ),
    put(BERLIN, '0 3 * * *', '2024-03-30T12:00Z', '2024-03-31T01:00Z', '2024-04-01T01:00Z'),
    put(BERLIN, '0,15,30 2 * * *', '2024-03-30T12:00Z', '2024-03-31T01:00Z', '2024-04-01T00:00Z'),
    put(
      BERLIN,
      '0 2-4 * * *',
      '2024-03-30T12:00Z',
      '2024-03-31T01:00Z',
      '2024-03-31T02:00Z',
      '2024-04-01T00:00Z',
    ),
    put(BERLIN, '*/30 2 * * *', '2024-03-30T12:00Z', '2024-04-01T00:00Z', '2024-04-01T00:30Z'),
    put(
      BERLIN,
      '0 */2 * * *',
      '2024-03-30T22:30Z',
      '2024-03-30T23:00Z',
      '2024-03-31T02:00Z',
      '2024-03-31T04:00Z',
    ),
    put(
      BERLIN,
      '@hourly',
      '2024-03-30T23:30Z',
      '2024-03-31T00:00Z',
      '2024-03-31T01:00Z',
      '2024-03-31T02:00Z',
    ),
    // New York, 10 March 2024: 02:00 becomes 03:00 at 07:00Z.
    put(NEW_YORK, '30 2 * * *', '2024-03-09T12:00Z', '2024-03-10T07:00Z', '2024-03-11T06:30Z'),
    put(
      NEW_YORK,
      '*/20 * * * *',
      '2024-03-10T06:30Z',
      '2024-03-10T06:40Z',
      '2024-03-10T07:00Z',
      '2024-03-10T07:20Z',
    ),
    // Lord Howe, 6 October 2024: 02:00 becomes 02:30 at 15:30Z of the 5th.
    put(LORD_HOWE, '15 2 * * *', '2024-10-05T00:00Z', '2024-10-05T15:30Z', '2024-10-06T15:15Z'),
    put(LORD_HOWE, '30 2 * * *', '2024-10-05T00:00Z', '2024-10-05T15:30Z', '2024-10-06T15:30Z'),
    put(
      LORD_HOWE,
      '*/10 * * * *',
      '2024-10-05T15:15Z',
      '2024-10-05T15:20Z',
      '2024-10-05T15:30Z',
      '2024-10-05T15:40Z',
    ),
    put(LORD_HOWE, '0 * * * *', '2024-10-05T14:00Z', '2024-10-05T14:30Z', '2024-10-05T16:00Z'),
    // Cairo, 26 April 2024: midnight itself is left out.
    put('Africa/Cairo', '0 0 * * *', '2024-04-24T23:00Z', '2024-04-25T22:00Z', '2024-04-26T21:00Z'),
    // Apia had no 30 December 2011.
    put(
      'Pacific/Apia',
      '0 12 * * *',
      '2011-12-29T00:00Z',
      '2011-12-29T22:00Z',
      '2011-12-30T22:00Z',
    ),
    put('Pacific/Apia', '0 12 30 12 *', '2011-01-01T00:00Z', '2012-12-29T22:00Z'),
  ])('$expression in $tz', ({ expression, tz, after, then }) => {
    expect(occurrences(expression, tz, after, then.length)).toEqual(then)
  })
})

describe('clocks that are put back', () => {
  test.each<Case>([
    // Berlin, 27 October 2024: 03:00 becomes 02:00 at 01:00Z.
    put(BERLIN, '30 2 * * *', '2024-10-26T12:00Z', '2024-10-27T00:30Z', '2024-10-28T01:30Z'),
    put(
      BERLIN,
      '0,30 2 * * *',
      '2024-10-26T12:00Z',
      '2024-10-27T00:00Z',
      '2024-10-27T00:30Z',
      '2024-10-28T01:00Z',
    ),
    put(BERLIN, '0 3 * * *', '2024-10-26T12:00Z', '2024-10-27T02:00Z', '2024-10-28T02:00Z'),
    put(
      BERLIN,
      '*/30 2 * * *',
      '2024-10-26T12:00Z',
      '2024-10-27T00:00Z',
      '2024-10-27T00:30Z',
      '2024-10-27T01:00Z',
      '2024-10-27T01:30Z',
      '2024-10-28T01:00Z',
    ),
    put(
      BERLIN,
      '@hourly',
      '2024-10-26T23:30Z',
      '2024-10-27T00:00Z',
      '2024-10-27T01:00Z',
      '2024-10-27T02:00Z',
    ),
    // Asked from inside the second pass through the hour.
    put(BERLIN, '30 2 * * *', '2024-10-27T01:10Z', '2024-10-28T01:30Z'),
    // New York, 3 November 2024: 02:00 becomes 01:00 at 06:00Z.
    put(NEW_YORK, '30 1 * * *', '2024-11-02T12:00Z', '2024-11-03T05:30Z', '2024-11-04T06:30Z'),
    put(
      NEW_YORK,
      '*/20 1 * * *',
      '2024-11-03T05:30Z',
      '2024-11-03T05:40Z',
      '2024-11-03T06:00Z',
      '2024-11-03T06:20Z',
      '2024-11-03T06:40Z',
      '2024-11-04T06:00Z',
    ),
    // Lord Howe, 7 April 2024: 02:00 becomes 01:30 at 15:00Z of the 6th.
    put(LORD_HOWE, '45 1 * * *', '2024-04-06T00:00Z', '2024-04-06T14:45Z', '2024-04-07T15:15Z'),
    put(LORD_HOWE, '15 1 * * *', '2024-04-06T00:00Z', '2024-04-06T14:15Z', '2024-04-07T14:45Z'),
    put(
      LORD_HOWE,
      '*/15 * * * *',
      '2024-04-06T14:20Z',
      '2024-04-06T14:30Z',
      '2024-04-06T14:45Z',
      '2024-04-06T15:00Z',
      '2024-04-06T15:15Z',
      '2024-04-06T15:30Z',
    ),
  ])('$expression in $tz after $after', ({ expression, tz, after, then }) => {
    expect(occurrences(expression, tz, after, then.length)).toEqual(then)
  })
})

describe('the calendar', () => {
  test.each<Case>([
    put('UTC', '0 0 29 2 *', '2023-01-01T00:00Z', '2024-02-29T00:00Z', '2028-02-29T00:00Z'),
    put('UTC', '0 0 29 2 *', '2096-03-01T00:00Z', '2104-02-29T00:00Z'),
    put(
      'UTC',
      '0 0 31 * *',
      '2024-01-01T00:00Z',
      '2024-01-31T00:00Z',
      '2024-03-31T00:00Z',
      '2024-05-31T00:00Z',
    ),
    put(
      'UTC',
      '0 0 L * *',
      '2023-02-01T00:00Z',
      '2023-02-28T00:00Z',
      '2023-03-31T00:00Z',
      '2023-04-30T00:00Z',
    ),
    put('UTC', '0 0 L 2 *', '2024-01-01T00:00Z', '2024-02-29T00:00Z', '2025-02-28T00:00Z'),
    put('UTC', '59 23 31 12 *', '2024-12-31T23:58Z', '2024-12-31T23:59Z', '2025-12-31T23:59Z'),
    put('UTC', '0 9 * * MON#1', '2024-06-04T00:00Z', '2024-07-01T09:00Z', '2024-08-05T09:00Z'),
    put('UTC', '0 9 * * 5L', '2024-06-01T00:00Z', '2024-06-28T09:00Z', '2024-07-26T09:00Z'),
    put('UTC', '0 9 15W * *', '2024-06-01T00:00Z', '2024-06-14T09:00Z', '2024-07-15T09:00Z'),
    put('UTC', '0 0 13 * 5', '2024-09-07T00:00Z', '2024-09-13T00:00Z', '2024-09-20T00:00Z'),
    put('UTC', '0 0 13 * +5', '2024-09-07T00:00Z', '2024-09-13T00:00Z', '2024-12-13T00:00Z'),
    put('UTC', '0 0 * * 7', '2024-06-03T00:00Z', '2024-06-09T00:00Z'),
    put('UTC', '30 0 9 * * *', '2024-06-03T00:00Z', '2024-06-03T09:00:30.000Z'),
    put('UTC', '@monthly', '2024-06-03T00:00Z', '2024-07-01T00:00Z'),
    put('Asia/Kathmandu', '0 0 * * *', '2024-06-03T00:00Z', '2024-06-03T18:15Z'),
  ])('$expression after $after', ({ expression, tz, after, then }) => {
    expect(occurrences(expression, tz, after, then.length)).toEqual(then)
  })

  test('answers strictly after, whatever the part of a second', () => {
    const { next } = calendar('* * * * * *', 'UTC')
    expect([999, 1_000, 1_001, 1_999, 2_000].map(next)).toEqual([1_000, 2_000, 2_000, 2_000, 3_000])
    const hourly = calendar('@hourly', 'Asia/Kolkata')
    expect(hourly.next(1_799_999)).toBe(1_800_000)
    expect(hourly.next(1_800_000)).toBe(5_400_000)
  })

  test('has an end', () => {
    expect(calendar('0 0 30 2 *', 'UTC').next(0)).toBeUndefined()
    expect(calendar('0 0 * * *', 'UTC').next(Date.parse('3000-06-01T00:00Z'))).toBeUndefined()
  })
})
