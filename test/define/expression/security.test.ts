import { describe, expect, test } from 'vitest'
import { compileExpression, evaluate, holds } from '../../../src/define/expression/expression.ts'
import { fold } from '../../../src/define/expression/fold.ts'
import { openProgram } from '../../../src/define/expression/program.ts'
import { memberOf, termKey, valueAt } from '../../../src/define/expression/value.ts'

const resultOf = (source: string, event: unknown): unknown =>
  evaluate(compileExpression(source, ['event', 'async']), { event, async: event }, 0)

const trap = (): never => {
  throw new Error('sprung')
}
/** A failure that is known, and not some other error that was turned into one. */
const failing = expect.objectContaining({
  code: 'EXPRESSION_FAILED',
  facts: expect.objectContaining({ reason: expect.not.stringContaining('could not be evaluated') }),
})

describe('nothing but the data itself is reached', () => {
  class Account {
    readonly balance = 5
    get secret(): string {
      return trap()
    }
  }

  const event = {
    data: {
      own: 1,
      account: new Account(),
      list: ['a'],
      error: new Error('boom'),
      date: new Date(0),
      run: () => 'called',
      map: new Map([['a', 1]]),
      inherited: Object.create({ id: 5 }),
    },
  }

  test.each([
    'event.constructor',
    'event.__proto__',
    'event["__proto__"]',
    'event["constructor"]["constructor"]',
    'event["__pro" + "to__"]',
    'event.data.toString',
    'event.data.hasOwnProperty',
    'event.data.list.constructor',
    'event.data.list.map',
    'event.data.list.length',
    'event.data.list["length"]',
    'event.data.account.balance',
    'event.data.account.secret',
    'event.data.error.message',
    'event.data.error.stack',
    'event.data.date.getTime',
    'event.data.run.name',
    'event.data.map.size',
    'event.data.map["constructor"]',
    'event.data.inherited.id',
    'event.name.constructor',
    '"text".constructor',
    '[].constructor',
    '{}.constructor',
    '{}.__proto__',
    'event.data.list.map(x, x.constructor)[0]',
  ])('%s is missing', source => {
    expect(resultOf(source, event)).toBeUndefined()
    expect(resultOf(`${source} == null`, event)).toBe(true)
  })

  test.each([
    'has(event.constructor)',
    'has(event.__proto__)',
    '"constructor" in event',
    '"__proto__" in event.data',
    '"length" in event.data.list',
  ])('%s is false', source => expect(resultOf(source, event)).toBe(false))

  test('data may have such keys of its own', () => {
    const own = JSON.parse('{"__proto__": {"id": 1}, "constructor": "c"}')
    expect(resultOf('event.__proto__.id', own)).toBe(1)
    expect(resultOf('event.constructor', own)).toBe('c')
    expect(resultOf('"__proto__" in event', own)).toBe(true)
    expect(resultOf('event == event', own)).toBe(true)
    expect(resultOf('event.size()', own)).toBe(2)
  })

  test('making a map pollutes nothing', () => {
    const made = resultOf('{"__proto__": {"polluted": 1}, "constructor": 2}', {})
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
    expect(Object.keys(Object(made))).toEqual(['__proto__', 'constructor'])
    resultOf('json_parse("{\\"__proto__\\": {\\"polluted\\": 1}}").__proto__.polluted', {})
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('a prototype that was polluted by others is not seen', () => {
    Object.defineProperty(Object.prototype, 'leaked', { value: 1, configurable: true })
    Object.defineProperty(Array.prototype, '7', { value: 1, configurable: true })
    try {
      expect(resultOf('event.leaked', {})).toBeUndefined()
      expect(resultOf('event[7]', ['a'])).toBeUndefined()
    } finally {
      Reflect.deleteProperty(Object.prototype, 'leaked')
      Reflect.deleteProperty(Array.prototype, '7')
    }
  })
})

describe('no code of a value is run', () => {
  const trapped = Object.defineProperty(
    { toString: trap, valueOf: trap, toJSON: trap, [Symbol.toPrimitive]: trap },
    'got',
    {
      get: trap,
      enumerable: true,
    },
  )
  const list = Object.defineProperty([1, 2], 0, { get: trap, enumerable: true })
  const date = Object.assign(new Date(5), { getTime: trap, toISOString: trap, valueOf: trap })
  const map = Object.assign(new Map([['a', 1]]), {
    get: trap,
    has: trap,
    keys: trap,
    [Symbol.iterator]: trap,
  })
  const set = Object.assign(new Set(['a']), { has: trap, values: trap, [Symbol.iterator]: trap })
  const data = { trapped, list, date, map, set }

  const operations = [
    'event.trapped',
    'event.trapped.got',
    'event.trapped.toString',
    'event.list',
    'event.list[0]',
    'event.date',
    'event.map',
    'event.map["a"]',
    'event.set',
  ].flatMap(value => [
    `${value} == 1`,
    `${value} == ${value}`,
    `${value} != "x"`,
    `${value} < 1`,
    `"x" >= ${value}`,
    `${value} in [1]`,
    `1 in ${value}`,
    `${value} + "x"`,
    `${value} + 1`,
    `${value} - ${value}`,
    `-${value}`,
    `!${value}`,
    `${value} && 1`,
    `size(${value})`,
    `${value} + ${value}`,
    `async.x in ${value}`,
    `string(${value})`,
    `int(${value})`,
    `date(${value})`,
    `lowercase(${value})`,
    `duration(${value})`,
    `${value}.exists(x, x == 1)`,
    `${value}.map(x, x)`,
    `[1][${value}]`,
    `event[${value}]`,
    `{"a": ${value}} == event`,
    `"a".contains(${value})`,
    `"a".matches(${value})`,
    `now_plus(${value})`,
    `json_parse(${value})`,
  ])

  test.each(operations)('%s', source => {
    try {
      const expression = compileExpression(source, ['event', 'async'])
      fold(expression, data, 0)
      holds(expression, { event: data, async: {} }, 0)
    } catch (error) {
      expect(error).toEqual(failing)
    }
  })

  test('dates are read all the same', () => {
    expect(resultOf('event.date == date(5)', data)).toBe(true)
    expect(resultOf('string(event.date)', data)).toBe('1970-01-01T00:00:00.005Z')
    expect(resultOf('event.map["a"] + event.map.size() + event.set.size()', data)).toBe(3)
  })
})

describe('time and size are bounded', () => {
  const within = (limit: number, act: () => void): void => {
    const start = process.cpuUsage()
    act()
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1_000).toBeLessThan(limit)
  }
  const long = 'a'.repeat(1_000_000)
  const many = Array.from({ length: 1_000 }, (_, i) => i)
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]))
  const cyclic: Record<string, unknown> = { a: 1 }
  cyclic.self = cyclic
  const event = {
    long,
    same: `${long.slice(1)}a`,
    many,
    wide,
    set: new Set(many),
    strings: Array(1_000).fill(long),
    cyclic,
    again: { a: 1, self: cyclic },
    needle: `b${'a'.repeat(500_000)}`,
    subject: 'a'.repeat(10_000),
  }

  test.each([
    ['macros in macros', 'event.many.all(a, event.many.all(b, event.many.all(c, a + b + c >= 0)))'],
    ['lists of lists', 'event.many.map(a, event.many.map(b, event.many))'],
    ['failures in macros', 'event.many.exists(a, event.many.exists(b, int("x") == 1))'],
    ['comparing long texts', 'event.strings.all(a, event.strings.all(b, a == event.same))'],
    ['comparing wide objects', 'event.many.all(a, event.wide == event.wide)'],
    ['counting wide objects', 'event.many.all(a, size(event.wide) > 0)'],
    ['looking through Sets', 'event.many.all(a, event.many.all(b, 0 in event.set))'],
    ['making texts', 'event.many.all(a, size(event.long + a) > 0)'],
    ['cases of texts', 'event.many.all(a, lowercase(event.long) != uppercase(event.long))'],
    ['adding lists', 'event.many.all(a, event.many.all(b, size(event.many + event.many) > 0))'],
    ['searching texts', 'event.long.contains(event.needle)'],
    ['searching in macros', 'event.many.all(a, !event.long.contains("aaaaaaaaaaab"))'],
    ['patterns in macros', 'event.many.all(a, !event.subject.matches("(a|a)*b"))'],
    ['a pattern with many places', 'event.subject.matches("(a?){300}a{300}b")'],
    ['a cycle', 'event.cyclic == event.again'],
    ['a cycle in a list', 'event.cyclic in [event.again, event.again]'],
    ['patterns that differ', 'event.many.all(a, !event.subject.matches("^(b|c){1,90}" + a))'],
  ])('%s', (_, source) => {
    const expression = compileExpression(source, ['event', 'async'])
    const other = compileExpression(source.replaceAll('event', 'async'), ['async'])
    within(3_000, () => expect(() => evaluate(expression, { event }, 0)).toThrow(failing))
    within(3_000, () => {
      // What does not hang on a macro's variable is computed once then, so there may be a result.
      const folded = fold(expression, event, 0)
      if (folded.kind !== 'when') return
      expect(() => openProgram(folded.program).holds(folded.literals, {}, 0)).toThrow(failing)
    })
    const folded = fold(other, {}, 0)
    if (folded.kind !== 'when') throw new Error('it cannot have been computed')
    within(3_000, () =>
      expect(() => openProgram(folded.program).holds(folded.literals, event, 0)).toThrow(failing),
    )
  })

  test.each([
    [
      'one long text',
      'event.long == event.same && event.long.contains("aab") == false && event.long.size() == 1000000',
    ],
    ['one list', 'event.many.all(x, x >= 0) && 999 in event.many && event.many == event.many'],
    ['two lists', 'event.many.filter(x, x < 50).all(x, event.many.exists(y, y == x))'],
  ])('but %s is fine', (_, source) => expect(resultOf(source, event)).toBe(true))

  test('a failure that used up the budget is not passed over', () => {
    const endless = 'event.many.all(a, event.many.all(b, event.many.all(c, a + b + c >= 0)))'
    expect(() => resultOf(`${endless} || true`, event)).toThrow(failing)
    expect(() => resultOf(`[1].exists(x, ${endless} || true)`, event)).toThrow(failing)
  })

  test('numbers stay small', () => {
    const big = { n: 2n ** 600n }
    expect(resultOf('event.n * event.n > event.n', big)).toBe(true)
    expect(() => resultOf('event.n * event.n * event.n', big)).toThrow(failing)
  })

  test('a stack that is nearly full is an error of the evaluation, not a crash', () => {
    const expression = compileExpression(`${'('.repeat(40)}event.a${' + 1)'.repeat(40)} == 40`, [
      'event',
    ])
    const outcomes = new Set<string>()
    const dive = (): void => {
      try {
        dive()
      } catch {
        // Fewer and fewer frames are in the way on the way up.
      }
      try {
        outcomes.add(String(holds(expression, { event: { a: 0 } }, 0)))
      } catch (error) {
        outcomes.add(
          error instanceof RangeError ? 'RangeError' : Reflect.get(Object(error), 'code'),
        )
      }
    }
    dive()
    expect(outcomes).toContain('true')
  })
})

describe('values for an index', () => {
  test('a path reads as an expression does', () => {
    const value = { a: [{ b: new Map([['c', 5]]) }], d: { constructor: 1 } }
    expect(valueAt(value, ['a', 0, 'b', 'c'])).toBe(5)
    expect(valueAt(value, ['a', 'length'])).toBeUndefined()
    expect(valueAt(value, ['a', -1])).toBeUndefined()
    expect(valueAt(value, ['d', 'constructor'])).toBe(1)
    expect(valueAt(value, [])).toBe(value)
    expect(memberOf('text', 0)).toBeUndefined()
  })

  test('a key is the same exactly for what is equal to a literal', () => {
    const literals = ['', 'x', 's', 'true', '1', 0, -0, 1, 1.5, 2 ** 60, true, false, null]
    const values = [
      ...literals,
      undefined,
      1n,
      2n ** 60n,
      2n ** 60n + 1n,
      2n ** 2000n,
      Number.NaN,
      Infinity,
      [],
      {},
      new Date(0),
    ]
    const same = compileExpression('event == async', ['event', 'async'])
    for (const literal of literals) {
      for (const value of values) {
        const equal = holds(same, { event: literal, async: value }, 0)
        expect(termKey(literal) === termKey(value), `${String(literal)} and ${String(value)}`).toBe(
          equal,
        )
      }
    }
  })
})
