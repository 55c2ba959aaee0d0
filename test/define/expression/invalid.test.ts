import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/define/error.ts'
import { compileExpression } from '../../../src/define/expression/expression.ts'
import { matchExpression } from '../../../src/define/expression/match.ts'

function refused(make: () => unknown): EngineError {
  try {
    make()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('an expression that is not valid names the place', () => {
  test.each([
    ['1 +', 3, 'unexpected token: end of the expression'],
    ['', 0, 'unexpected token: end of the expression'],
    ['event.data.', 11, 'expected IDENTIFIER, got end of the expression'],
    ['event.name = "a"', 11, 'unexpected character: ='],
    ['event.name == "a', 14, 'unterminated string'],
    ['event.name == async.name', 14, "there is no 'async' here, only event"],
    ['vars.x', 0, "there is no 'vars' here, only event"],
    ['literals[0]', 0, "there is no 'literals' here, only event"],
    ['true && process.exit(1)', 16, "there is no function 'exit'"],
    ['[1].exists(x, y)', 14, "there is no 'y' here, only event, x"],
    ['[1].exists(x, true) && x', 23, "there is no 'x' here, only event"],
    ['eval("1")', 0, "there is no function 'eval'"],
    ['constructor', 0, "there is no 'constructor' here, only event"],
    ['event.toString()', 6, "there is no function 'toString'"],
    ['event.constructor("x")', 6, "there is no function 'constructor'"],
    ['contains("a", "b")', 0, 'write value.contains(...)'],
    ['"a".int()', 4, 'write int(...)'],
    ['int()', 0, 'int takes 1 operands, not 0'],
    ['now(1)', 0, 'now takes 0 operands, not 1'],
    ['"a".matches("(a")', 12, "the pattern cannot be used: ')' is missing (at 2)"],
    ['"a".matches("(?=a)")', 12, /only \(\.\.\.\) and \(\?:\.\.\.\) are supported/],
    ['has(event)', 0, 'has takes one access, such as has(event.data.id)'],
    ['has(1)', 0, 'has takes one access, such as has(event.data.id)'],
    ['[1].exists(1, true)', 11, /predicate/],
    ['[1].exists(x)', 4, 'exists takes a variable and an expression: exists(x, ...)'],
    ['b"bytes"', 0, 'bytes are not supported'],
    ['99999999999999999999', 0, 'the number has more than 64 bits'],
    ['event.?x', 6, /./],
    ['event.name == \n\n  )', 18, /./],
  ])('%s', (source, position, reason) => {
    const error = refused(() => compileExpression(source, ['event']))
    expect(error.code).toBe('EXPRESSION_INVALID')
    expect(error.facts).toMatchObject({
      source,
      reason: expect.stringMatching(reason instanceof RegExp ? reason : ''),
    })
    if (typeof reason === 'string') expect(error.facts.reason).toBe(reason)
    expect(error.facts.position).toBe(position)
  })

  test('with a caret under it, in its own line', () => {
    const error = refused(() =>
      compileExpression('event.name == "a" &&\n  event.data = 1', ['event']),
    )
    expect(error.message.split('\n')).toEqual([
      'The expression is not valid at line 2, column 14: unexpected character: =.',
      '    event.data = 1',
      `  ${' '.repeat(13)}^`,
    ])
  })

  test('also far into a long line', () => {
    const source = `${'event.name == "x" && '.repeat(20)}]`
    const [, shown = '', caret = ''] = refused(() =>
      compileExpression(source, ['event']),
    ).message.split('\n')
    expect(shown[caret.indexOf('^')]).toBe(']')
    expect(shown.length).toBeLessThan(90)
  })
})

describe('an expression that is too much', () => {
  test.each([
    ['long', `"${'x'.repeat(10_000)}"`, /longer than 10000/],
    ['deep in parentheses', `${'('.repeat(2_000)}1${')'.repeat(2_000)}`, /nested too deeply/],
    ['deep in lists', `${'['.repeat(2_000)}${']'.repeat(2_000)}`, /nested too deeply/],
    ['deep in negations', `${'!'.repeat(9_000)}true`, /nested too deeply|too many parts/],
    ['deep in signs', `${'-'.repeat(9_000)}1`, /nested too deeply|too many parts/],
    ['deep in accesses', `event${'.a'.repeat(2_000)}`, /nested too deeply/],
    ['deep in sums', Array(1_000).fill('1').join('+'), /nested too deeply/],
    ['of too many parts', Array(2_000).fill('1').join('&&'), /too many parts/],
    ['a list too long', `[${Array(1_100).fill('1').join(',')}]`, /list is too long/],
    ['a pattern too large', '"a".matches("((a{100}){100}){100}")', /counts make it too large/],
    ['a pattern too long', `"a".matches("${'a'.repeat(501)}")`, /500 characters/],
    [
      'a pattern too deep',
      `"a".matches("${'('.repeat(99)}${')'.repeat(99)}")`,
      /nested too deeply/,
    ],
  ])('%s', (_, source, reason) => {
    const error = refused(() => compileExpression(source, ['event']))
    expect(error.code).toBe('EXPRESSION_INVALID')
    expect(error.facts.reason).toMatch(reason)
  })

  test('long rows of && and || are not deep', () => {
    const row = Array.from({ length: 300 }, (_, i) => `event.id == "${i}"`)
    expect(() => compileExpression(row.join(' || '), ['event'])).not.toThrow()
  })
})

describe('match', () => {
  test.each([
    ['data.userId', 'event.data.userId == async.data.userId'],
    ['name', 'event.name == async.name'],
    ['data.items[0].id', 'event.data.items[0].id == async.data.items[0].id'],
    ['data["a b"]', 'event.data["a b"] == async.data["a b"]'],
  ])('%s', (path, source) => {
    expect(matchExpression(path)).toBe(source)
    expect(() => compileExpression(source, ['event', 'async'])).not.toThrow()
  })

  test.each([
    '',
    'data.',
    '.data',
    'data..id',
    'data userId',
    'data.id == 1 || true',
    'data["a"] || true || event["b"]',
    'data.id()',
    'data[x]',
    "data['a']",
    'data.id\n',
    `data${'.a'.repeat(30)}`,
  ])('%j is refused', path => {
    expect(refused(() => matchExpression(path)).code).toBe('EXPRESSION_INVALID')
  })
})
