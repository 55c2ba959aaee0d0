import { event } from 'perdure'
import { describe, expect, test } from 'vitest'
import { anyWaits, eventWait, signalWait, waitTimer } from '../../src/define/waits.ts'
import { refusedBy } from './refused.ts'

const paid = event('shop/paid')

describe('a wait for an event', () => {
  test('is kept as data', () => {
    expect(eventWait('w', { event: paid, timeout: '1m' })).toEqual({
      event: 'shop/paid',
      timeout: 60_000,
    })
    expect(
      eventWait('w', { event: paid, timeout: 5, match: 'data.items.0.id', since: new Date(7) }),
    ).toEqual({
      event: 'shop/paid',
      timeout: 5,
      if: 'event.data.items[0].id == async.data.items[0].id',
      since: 7,
    })
    expect(
      eventWait('w', {
        event: paid.where({ by: { id: 1 } }),
        match: 'data.in.x',
        timeout: 5,
        since: '1970-01-01T00:00:01Z',
      }),
    ).toEqual({
      event: 'shop/paid',
      timeout: 5,
      if: '(async.data.by.id == 1) && (event.data["in"].x == async.data["in"].x)',
      since: 1_000,
    })
  })

  test.each([
    [undefined, ''],
    [[], ''],
    ['shop/paid', ''],
    [{ timeout: 1 }, 'event'],
    [{ event: 'shop/*', timeout: 1 }, 'event'],
    [{ event: 'a' }, 'timeout'],
    [{ event: 'a', timeout: 'soon' }, 'timeout'],
    [{ event: 'a', timeout: 1, since: 'x' }, 'since'],
    [{ event: 'a', timeout: 1, since: null }, 'since'],
    [{ event: 'a', timeout: 1, match: 'x' }, 'match'],
    [{ event: 'a', timeout: 1, if: 'x', match: 'data.x' }, 'match'],
    [{ event: 'a', timeout: 1, if: 7 }, 'if'],
    [{ event: 'a', timeout: 1, lookback: 7 }, 'lookback'],
  ])('refuses %j', (options, path) => {
    const refused = refusedBy(() => eventWait('profile', options))
    expect(refused.path).toBe(path)
    expect(refused.message).toContain("Step 'profile' is not valid.")
  })
})

describe('a wait for the first of several things', () => {
  test('is kept as data, in order', () => {
    expect(
      anyWaits('w', {
        paid,
        mine: paid.where({ id: 'o1' }),
        named: 'shop/x',
        big: { event: paid, if: 'async.data.cents > 100' },
        late: waitTimer('24h'),
      }),
    ).toEqual([
      { kind: 'event', key: 'paid', event: 'shop/paid' },
      { kind: 'event', key: 'mine', event: 'shop/paid', if: 'async.data.id == "o1"' },
      { kind: 'event', key: 'named', event: 'shop/x' },
      { kind: 'event', key: 'big', event: 'shop/paid', if: 'async.data.cents > 100' },
      { kind: 'timer', key: 'late', duration: 86_400_000 },
    ])
  })

  test.each([
    [undefined, ''],
    [{}, ''],
    [Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, 'a'])), ''],
    [{ a: 'app/*' }, 'a.event'],
    [{ a: 7 }, 'a'],
    [{ a: { event: paid, timeout: 5 } }, 'a.timeout'],
    [{ a: { event: paid, match: 'x' } }, 'a.match'],
    [{ a: {} }, 'a.event'],
    [{ a: { kind: 'timer', duration: -1 } }, 'a.duration'],
    [{ a: { event: paid, match: 'data.\ud800' } }, 'a.match'],
    [{ a: paid.where({ id: 'x'.repeat(10_001) }) }, 'a'],
  ])('refuses %j', (sources, path) => {
    expect(refusedBy(() => anyWaits('w', sources)).path).toBe(path)
  })

  test('refuses timers that are none', () => {
    expect(refusedBy(() => waitTimer('1 month')).message).toContain('step.timer()')
  })
})

describe('a wait for a signal', () => {
  test('is kept as data', () => {
    const wait = { signal: 'approved', timeout: 604_800_000 }
    expect(signalWait('w', { signal: 'approved', timeout: '7d' })).toEqual(wait)
  })

  test.each([
    [null, ''],
    [{ signal: '', timeout: 1 }, 'signal'],
    [{ signal: 'x'.repeat(256), timeout: 1 }, 'signal'],
    [{ signal: 'a' }, 'timeout'],
    [{ signal: 'a', timeout: 1, event: 'x' }, 'event'],
  ])('refuses %j', (options, path) => {
    expect(refusedBy(() => signalWait('w', options)).path).toBe(path)
  })
})
