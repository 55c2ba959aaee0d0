import { beforeEach, describe, expect, test } from 'vitest'
import { type KeyHost, keyHolds, keyResult, keyValue } from '../../src/admission/key.ts'
import { INVALID } from '../../src/admission/limit-id.ts'
import { compileExpression, evaluate } from '../../src/define/expression/expression.ts'
import type { Key } from '../../src/define/flow/key.ts'

const event = { name: 'app/x', id: 'e', ts: 0, data: { id: 'a', n: 1, no: false, list: [1] } }
const by = (text: string): Key => ({ text, of: text })
const fn = (of: (given: typeof event) => unknown): Key => ({
  text: 'fn',
  of: of as (given: unknown) => unknown,
})

const failures: [string, unknown][] = []
const host: KeyHost = {
  evaluate: (text, given) => evaluate(compileExpression(text, ['event']), { event: given }, 0),
  failed: (key, error) => failures.push([key.text, error]),
}

beforeEach(() => {
  failures.length = 0
})

describe('the value of a key', () => {
  test.each<[Key | undefined, string | undefined]>([
    [undefined, ''],
    [by('event.data.id'), '"a"'],
    [by('event.data.n'), '1'],
    [by('event.data'), '{"id":"a","list":[1],"n":1,"no":false}'],
    [by('event.data.missing'), 'null'],
    [by('event.data.n == 1'), 'true'],
    [by('event.data.no'), undefined],
    [by("''"), '""'],
    [by('0'), '0'],
    [fn(({ data }) => data.id), '"a"'],
    [fn(() => false), undefined],
    [fn(() => undefined), 'null'],
  ])('%j is %j', (key, value) => {
    expect(keyValue(key, event, host)).toBe(value)
    expect(failures).toEqual([])
  })

  test('is one and the same for all that fail, and each failure is told', () => {
    const error = new Error('no')
    const thrower = fn(() => {
      throw error
    })
    const failing = [by('event.data.id - 1'), thrower, fn(async () => 'a'), fn(() => () => 'a')]
    expect(failing.map(key => keyValue(key, event, host))).toEqual(failing.map(() => INVALID))
    expect(INVALID).toBe('"<invalid>"')
    expect(failures.map(([text]) => text)).toEqual(failing.map(({ text }) => text))
    expect(failures[0]?.[1]).toMatchObject({ code: 'EXPRESSION_FAILED' })
    expect(failures[1]?.[1]).toBe(error)
    expect(failures[2]?.[1]).toBeInstanceOf(TypeError)
  })
})

test('a condition holds where it is truthy, and not where it failed', () => {
  const holding = ['event.data.no', 'event.data.n', 'event.data.missing', 'event.data.id - 1']
  expect(holding.map(text => keyHolds(by(text), event, host))).toEqual([false, true, false, false])
  expect(failures.map(([text]) => text)).toEqual(['event.data.id - 1'])
})

test('a promise is no value, and its rejection goes nowhere', async () => {
  const rejecting = fn(async () => {
    throw new Error('later')
  })
  expect(keyHolds(rejecting, event, host)).toBe(false)
  expect(keyResult(rejecting, event, host)).toBeUndefined()
  expect(keyValue(rejecting, event, host)).toBe(INVALID)
  await new Promise(resolve => setImmediate(resolve))
  expect(failures.map(([, error]) => (error as Error).name)).toEqual(Array(3).fill('TypeError'))
})

test('what is no key of a limit is handed out as it is', () => {
  expect(keyResult(by('event.data.n + 4'), event, host)).toBe(5)
  expect(keyResult(by('event.data.no'), event, host)).toBe(false)
  expect(failures).toEqual([])
  expect(keyResult(by('event.data.id - 1'), event, host)).toBeUndefined()
  expect(failures).toHaveLength(1)
})
