import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Looks } from '../../src/cli/looks.ts'
import { looksOf } from '../../src/cli/looks.ts'
import { type Column, table } from '../../src/cli/table.ts'
import { momentIn, parseMoment, parseSpan, tookText } from '../../src/cli/times.ts'
import { cut, widthOf } from '../../src/cli/width.ts'

const looks = (columns: number): Looks => ({
  ...{ columns, colors: false, ascii: false, time: 'iso', isTerminal: true },
})

const word = fc.string({ unit: 'grapheme', maxLength: 12 })

describe('width', () => {
  test('what is cut fits, and keeps its beginning', () => {
    fc.assert(
      fc.property(word, fc.nat(14), fc.boolean(), (text, columns, ascii) => {
        const short = cut(text, columns, ascii)
        expect(widthOf(short)).toBeLessThanOrEqual(
          Math.max(columns, widthOf(text) === 0 ? 0 : columns),
        )
        if (widthOf(text) <= columns) expect(short).toBe(text)
        else expect(text.startsWith(short.slice(0, -1))).toBe(true)
      }),
    )
  })

  test('a letter may take no column, or two', () => {
    expect([widthOf('a'), widthOf('漢'), widthOf('e\u0301'), widthOf('👩‍👩‍👧')]).toEqual([
      1, 2, 1, 2,
    ])
  })
})

describe('a table', () => {
  const columns: readonly Column[] = [
    { name: 'ID' },
    { name: 'WHEN', gives: 1, align: 'right' },
    { name: 'NOTE', gives: 2, grows: true },
  ]
  const row = (...texts: string[]) => texts.map(text => ({ text }))

  test('lines its columns up', () => {
    const rows = [row('a', '1s', 'all is well'), row('漢字', '100ms', '')]
    expect(table(columns, rows, looks(80))).toBe(
      ['ID     WHEN  NOTE', 'a        1s  all is well', '漢字  100ms', ''].join('\n'),
    )
  })

  test('gives up columns, the last first, rather than wrap', () => {
    const rows = [row('an-id-of-twenty-chars', '1s', 'a note that is long enough')]
    const told = (width: number): string | undefined =>
      table(columns, rows, looks(width)).split('\n')[1]
    expect(told(80)).toBe('an-id-of-twenty-chars    1s  a note that is long enough')
    expect(told(48)).toBe('an-id-of-twenty-chars    1s  a note that is lon…')
    expect(told(40)).toBe('an-id-of-twenty-chars    1s')
    expect(told(22)).toBe('an-id-of-twenty-chars')
  })

  test('is never wider than it may be, unless by what must be shown', () => {
    const rows = fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 40, max: 80 }), (all, width) => {
        const text = table(
          columns,
          all.map(texts => row(...texts)),
          looks(width),
        )
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('looks', () => {
  const outlet = (isTerminal: boolean) => ({ isTerminal, columns: isTerminal ? 72 : undefined })
  test.each([
    [true, {}, {}, true],
    [false, {}, {}, false],
    [true, { NO_COLOR: '1' }, {}, false],
    [true, { NO_COLOR: '' }, {}, true],
    [false, { FORCE_COLOR: '1' }, {}, true],
    [true, { FORCE_COLOR: '0' }, {}, false],
    [false, { NO_COLOR: '1', FORCE_COLOR: '1' }, {}, false],
    [false, { NO_COLOR: '1' }, { color: 'always' }, true],
    [true, { FORCE_COLOR: '1' }, { color: false }, false],
    [true, { TERM: 'dumb' }, {}, false],
    [false, { CI: '1' }, {}, false],
  ] as const)('terminal %s, %j, %j: colours %s', (isTerminal, env, flags, colors) => {
    expect(looksOf(outlet(isTerminal), flags, { env }).colors).toBe(colors)
  })

  test('a terminal says how wide it is and shows times as people tell them', () => {
    expect(looksOf(outlet(true), {}, { env: {} })).toMatchObject({ columns: 72, time: 'relative' })
    expect(looksOf(outlet(false), {}, { env: {} })).toMatchObject({ columns: 100, time: 'iso' })
  })
})

describe('times', () => {
  const now = Date.UTC(2030, 0, 2)

  test.each([
    ['90m', now - 5_400_000],
    ['1d12h', now - 129_600_000],
    ['1.5h', now - 5_400_000],
    ['2030-01-01', Date.UTC(2030, 0, 1)],
    ['2030-01-01T12:00:00Z', Date.UTC(2030, 0, 1, 12)],
    ['2030-01-01T12:00:00+02:00', Date.UTC(2030, 0, 1, 10)],
    ['yesterday', undefined],
    ['1 h', undefined],
    ['-1h', undefined],
    ['2030-13-01', undefined],
    ['2030-02-30', undefined],
    ['2030-02-30T12:00:00Z', undefined],
    ['2030-01-01T25:00:00Z', undefined],
    ['2030-01-01T12:00:00', undefined],
    ['2030-1-1', undefined],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
    ['2030-01-01T23:00:00-02:00', Date.UTC(2030, 0, 2, 1)],
    ['', undefined],
  ])('%s', (text, moment) => {
    expect(parseMoment(text, now)).toBe(moment)
  })

  test('spans are said by their two largest units', () => {
    const told = [0, 999, 1_000, 9_999, 10_000, 191_000, 3_600_000, 90_061_000].map(tookText)
    expect(told).toEqual(['0ms', '999ms', '1s', '9.9s', '10s', '3m 11s', '1h', '1d 1h'])
    expect(parseSpan('1w')).toBe(604_800_000)
  })

  test('moments are told as was asked for', () => {
    const at = now - 12_000
    expect(momentIn(at, now, { time: 'relative' })).toBe('12s ago')
    expect(momentIn(now + 60_000, now, { time: 'relative' })).toBe('in 1m')
    expect(momentIn(at, now, { time: 'iso' })).toBe('2030-01-01T23:59:48.000Z')
    expect(momentIn(at, now, { time: 'epoch' })).toBe(String(at))
    expect(momentIn(1e300, now, { time: 'iso' })).toBe('1e+300ms')
  })
})
