import fc from 'fast-check'
import { NonRetriableError, RetryAfterError } from 'perdure'
import { fromTaggedJson } from 'perdure/journal'
import { describe, expect, test } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { laidOut } from '../../src/cli/as-vitest/layout.ts'
import { Literals } from '../../src/cli/as-vitest/literal.ts'
import { portrait } from '../journal/codec-portrait.ts'
import { anyStorable, handPicked } from '../journal/codec-values.ts'

/** What the source of a value evaluates to. */
function evaluated(value: unknown): unknown {
  const source = laidOut(new Literals().write(value)).replaceAll('<unknown, unknown>', '')
  const code = `return (${source.replaceAll('<unknown>', '')})`
  const given = { fromTaggedJson, NonRetriableError, RetryAfterError }
  return new Function(...Object.keys(given), code)(...Object.values(given))
}

const stored = (value: unknown): unknown => decodeValue(encodeValue(value, { bytes: 1 << 24 }))

/** Stacks are not written, and so errors are compared as a test would. */
function mustBeSame(value: unknown): void {
  const again = stored(evaluated(value))
  if (/Error|DOMException/.test(portrait(value))) expect(again).toEqual(value)
  else expect(portrait(again)).toBe(portrait(value))
}

describe('a literal evaluates to the value', () => {
  test.each(Object.entries(handPicked()))('of %s', (_, value) => mustBeSame(stored(value)))

  test('of an error with a field that only looks like its prototype', () => {
    const error = Object.defineProperty(new Error('odd'), '__proto__', {
      ...{ value: 0, enumerable: true, writable: true, configurable: true },
    })
    mustBeSame(stored(error))
  })

  test('whatever it is', () => {
    fc.assert(
      fc.property(anyStorable(), value => mustBeSame(stored(value))),
      { numRuns: 300 },
    )
  })
})

describe('an error', () => {
  test.each<[unknown, string]>([
    [new TypeError('no\n'), "new TypeError('no\\n')"],
    [
      new Error('a', { cause: new RangeError('b') }),
      "new Error('a', { cause: new RangeError('b') })",
    ],
    [new NonRetriableError('never'), "new NonRetriableError('never')"],
    [new RetryAfterError('soon', '3s'), "new RetryAfterError('soon', '3s')"],
    [
      new RetryAfterError('soon', 7, { scope: 'key', cause: new TypeError('b') }),
      "new RetryAfterError('soon', 7, { scope: 'key', cause: new TypeError('b') })",
    ],
    [
      Object.assign(new RetryAfterError('soon', 7), { scope: 'all' }),
      "Object.assign(new Error('soon'), { name: 'RetryAfterError', retryAfter: 7, scope: 'all' })",
    ],
    [
      Object.assign(new RetryAfterError('a', 7), { code: 'E' }),
      "Object.assign(new Error('a'), { name: 'RetryAfterError', retryAfter: 7, scope: 'step', code: 'E' })",
    ],
    [
      new AggregateError([new Error('x'), 1], 'all'),
      "new AggregateError([new Error('x'), 1], 'all')",
    ],
    [new DOMException('gone', 'AbortError'), "new DOMException('gone', 'AbortError')"],
  ])('%s is written as %s', (error, source) => {
    expect(laidOut(new Literals().write(stored(error)))).toBe(`${source}\n`)
  })
})

test('what steers a terminal or turns a line around is escaped', () => {
  expect(laidOut(new Literals().write('\u001b[31m\u202e\u2028'))).toBe(
    "'\\u001b[31m\\u202e\\u2028'\n",
  )
})

test('what cannot be said is read from tagged JSON, which has to be imported', () => {
  const twice = [1]
  const literals = new Literals()
  expect(laidOut(literals.write([twice, twice]))).toBe('fromTaggedJson([[1], { $: 1 }])\n')
  expect([...literals.imports]).toEqual([['fromTaggedJson', 'perdure/journal']])
})
