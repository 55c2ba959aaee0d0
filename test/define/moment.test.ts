import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { momentAt } from '../../src/define/moment.ts'
import { refusedBy } from './refused.ts'

const place = { of: "Step 'invoice'", path: '' }

test.each<[unknown, number]>([
  [new Date(7), 7],
  [0, 0],
  [-1.5, -1.5],
  [8.64e15, 8.64e15],
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['2028-02-29', Date.UTC(2028, 1, 29)],
  ['2026-01-31T09:30Z', Date.UTC(2026, 0, 31, 9, 30)],
  ['2026-01-31 09:30:15z', Date.UTC(2026, 0, 31, 9, 30, 15)],
  ['2026-01-31T09:30:15.1239Z', Date.UTC(2026, 0, 31, 9, 30, 15, 123)],
  ['2026-01-31T23:30:00.5-01:45', Date.UTC(2026, 1, 1, 1, 15, 0, 500)],
  ['2026-01-01T00:00:00+0100', Date.UTC(2025, 11, 31, 23)],
  ['0099-12-31', new Date('0099-12-31').getTime()],
  ['+275760-09-13T00:00:00.000Z', 8.64e15],
])('%s is a moment', (given, ms) => {
  expect(momentAt(given, place)).toBe(ms)
})

test.each<[unknown, string, string]>([
  [Number.NaN, 'NaN', 'is not a moment'],
  [Number.POSITIVE_INFINITY, 'Infinity', 'is not a moment'],
  [8.64e15 + 1, '8640000000000001', 'is not a moment'],
  [new Date(Number.NaN), 'an invalid Date', 'is not a moment'],
  [null, 'null', 'is not a moment'],
  [undefined, 'it is missing', ''],
  [true, 'true', 'is not a moment'],
  [5n, '5n', 'is not a moment'],
  [[2026, 1, 1], 'an array', 'is not a moment'],
  [{ valueOf: () => 5 }, 'an object', 'is not a moment'],
  ['', '""', 'is not a moment'],
  ['tomorrow', '"tomorrow"', 'is not a moment'],
  ['2026', '"2026"', 'is not a moment'],
  ['2026-02', '"2026-02"', 'is not a moment'],
  ['2026-1-1', '"2026-1-1"', 'is not a moment'],
  ['02/03/2026', '"02/03/2026"', 'is not a moment'],
  ['1767225600000', '"1767225600000"', 'is not a moment'],
  ['2026-01-31T09Z', '"2026-01-31T09Z"', 'is not a moment'],
  ['2026-01-31T09:00:00Z and more', '"2026-01-31T09:00:00Z and more"', 'is not a moment'],
  ['2026-02-30', '"2026-02-30"', 'that there is not'],
  ['2026-02-29', '"2026-02-29"', 'that there is not'],
  ['2026-04-31T00:00:00Z', '"2026-04-31T00:00:00Z"', 'that there is not'],
  ['2026-13-01', '"2026-13-01"', 'that there is not'],
  ['2026-00-10', '"2026-00-10"', 'that there is not'],
  ['2026-01-00', '"2026-01-00"', 'that there is not'],
  ['2026-01-31T24:00:00Z', '"2026-01-31T24:00:00Z"', 'that there is not'],
  ['2026-01-31T09:60Z', '"2026-01-31T09:60Z"', 'that there is not'],
  ['2026-12-31T23:59:60Z', '"2026-12-31T23:59:60Z"', 'that there is not'],
  ['2026-01-31T09:00+24:00', '"2026-01-31T09:00+24:00"', 'that there is not'],
  ['+275760-09-13T00:00:01Z', '"+275760-09-13T00:00:01Z"', 'that there is not'],
  ['2026-02-28T00:00:00', '"2026-02-28T00:00:00"', 'names no time zone'],
  ['2026-02-29T00:00:00', '"2026-02-29T00:00:00"', 'that there is not'],
])('%s is refused', (given, told, why) => {
  const { message, hint } = refusedBy(() => momentAt(given, place))
  expect(message).toContain(`Step 'invoice' is not valid. ${told}`)
  expect(message).toContain(why)
  expect(hint).toContain("'2026-01-31T09:00:00Z'")
})

test('what a Date writes is read as that Date, in any zone', () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true }),
      fc.integer({ min: -1_439, max: 1_439 }),
      (date, minutes) => {
        expect(momentAt(date.toISOString(), place)).toBe(date.getTime())
        const there = date.getTime() + minutes * 60_000
        if (Math.abs(there) > 8.64e15) return
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
        const two = (part: number): string => String(part).padStart(2, '0')
        const zone = `${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`
        const text = new Date(there).toISOString().replace('Z', zone)
        expect(momentAt(text, place)).toBe(date.getTime())
      },
    ),
  )
})
