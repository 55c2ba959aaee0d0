import { describe, expect, test } from 'vitest'
import { type CronOptions, cron } from '../../src/define/cron.ts'
import { EngineError } from '../../src/define/error.ts'

describe('cron()', () => {
  test('is plain frozen data, with the defaults in it', () => {
    const trigger = cron('0 9 * * 1-5')
    expect(trigger).toEqual({
      kind: 'cron',
      expression: '0 9 * * 1-5',
      tz: 'UTC',
      missed: 'last',
      overlap: 'allow-all',
      jitter: 0,
    })
    expect(Object.isFrozen(trigger)).toBe(true)
    expect(JSON.parse(JSON.stringify(trigger))).toEqual(trigger)
    expect('id' in trigger || 'data' in trigger).toBe(false)
  })

  test('keeps what it is told, the jitter in milliseconds', () => {
    const options: CronOptions = {
      tz: 'Europe/Paris',
      missed: 'all',
      overlap: 'buffer-one',
      jitter: '1m30s',
      data: { report: 'weekly' },
      id: 'weekly-report',
    }
    const expected = { ...options, kind: 'cron', expression: '0 9 * * MON', jitter: 90_000 }
    expect(cron('0 9 * * MON', options)).toEqual(expected)
  })

  test.each([
    ['TZ=Europe/Paris 0 9 * * MON', 'Europe/Paris', '0 9 * * MON'],
    ['  CRON_TZ=Asia/Tokyo\t 0 9\n * * 1 ', 'Asia/Tokyo', '0 9 * * 1'],
    ['TZ=Europe/Paris @Daily', 'Europe/Paris', '@daily'],
    ['@hourly', 'UTC', '@hourly'],
    ['*/10 * * * * *', 'UTC', '*/10 * * * * *'],
    ['0 0 ? * 2#3', 'UTC', '0 0 ? * 2#3'],
  ])('reads %j', (text, tz, expression) => {
    expect(cron(text)).toMatchObject({ tz, expression })
  })

  test('takes the zone twice when it is the same', () => {
    expect(cron('TZ=Asia/Tokyo @daily', { tz: 'Asia/Tokyo' }).tz).toBe('Asia/Tokyo')
  })
})

describe('cron() refuses', () => {
  test.each<[string, CronOptions | undefined, string]>([
    ['', undefined, 'five fields'],
    ['0 9 * *', undefined, 'five fields'],
    ['* * * * * * 2030', undefined, 'five fields'],
    ['60 * * * *', undefined, 'the minute "60"'],
    ['0 24 * * *', undefined, 'the hour "24"'],
    ['0 0 32 * *', undefined, 'the day of month "32"'],
    ['0 0 * 13 *', undefined, 'the month "13"'],
    ['0 0 * * 8', undefined, 'the day of week "8"'],
    ['61 0 0 * * *', undefined, 'the second "61"'],
    ['a b * * *', undefined, 'the minute "a"'],
    ['*/0 * * * *', undefined, 'the minute "*/0"'],
    ['0 5-1 * * *', undefined, 'the hour "5-1"'],
    ['0 0 1 1 2020-01-01T00:00:00', undefined, "':'"],
    ['0 0 30 2 *', undefined, 'never occurs'],
    ['0 0 31 4,6,9,11 *', undefined, 'never occurs'],
    ['0 0 30 2 +MON', undefined, 'never occurs'],
    ['@every 5m', undefined, '"@every 5m" is not among @hourly'],
    ['@reboot', undefined, '"@reboot" is not among @hourly'],
    [`0 ${'0,'.repeat(130)}0 * * *`, undefined, '255 characters'],
    ['TZ=Mars/Olympus 0 9 * * *', undefined, '"Mars/Olympus" is not known'],
    ['0 9 * * *', { tz: 'Europe/Pariss' }, '"Europe/Pariss" is not known'],
    ['0 9 * * *', { tz: '' }, '"" is not known'],
    ['TZ= 0 9 * * *', undefined, '"" is not known'],
    ['0 9 * * *', { tz: '+02:00' }, '"+02:00" is not known'],
    ['TZ=Asia/Tokyo @daily', { tz: 'Europe/Paris' }, '"Asia/Tokyo", its option tz "Europe/Paris"'],
    ['@daily', { jitter: '-1s' }, 'jitter: '],
    ['@daily', { id: 'two words' }, 'id: '],
  ])('%j with %j', (expression, options, place) => {
    const error = refusal(() => cron(expression, options))
    expect(error.code).toBe('DEFINITION_INVALID')
    expect(error.message).toContain(JSON.stringify(expression))
    expect(error.message).toContain(place)
  })

  test('what no type would let through', () => {
    const loose: (expression: unknown, options?: unknown) => unknown = (expression, options) =>
      Reflect.apply(cron, undefined, [expression, options])
    expect(refusal(() => loose(5)).message).toContain('not a text')
    for (const [option, value] of Object.entries({
      missed: 'none',
      overlap: 'queue',
      tz: 5,
      zone: 'UTC',
    })) {
      expect(refusal(() => loose('@daily', { [option]: value })).message).toContain(option)
    }
    expect(refusal(() => loose('@daily', null)).code).toBe('DEFINITION_INVALID')
  })
})

function refusal(attempt: () => unknown): EngineError {
  try {
    attempt()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('it was not refused')
}
