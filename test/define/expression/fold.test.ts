import { describe, expect, test } from 'vitest'
import { compileExpression } from '../../../src/define/expression/expression.ts'
import { type Folded, fold } from '../../../src/define/expression/fold.ts'
import { openProgram, ProgramCache } from '../../../src/define/expression/program.ts'

const NOW = Date.UTC(2024, 0, 2)
const event = {
  name: 'app/user.signup',
  id: 'e1',
  ts: NOW,
  data: {
    id: 'u1',
    n: 5,
    yes: true,
    no: false,
    nil: null,
    tags: ['a', 'b'],
    at: new Date(NOW),
    key: 'k',
    big: 7n,
  },
}

const foldedOf = (source: string): Folded =>
  fold(compileExpression(source, ['event', 'async']), event, NOW)

describe('what is left when the trigger is known', () => {
  test.each<[string, string, unknown[]]>([
    ['event.data.id == async.data.id', 'async.data.id == literals[0]', ['u1']],
    ['async.data.id == event.data.id', 'async.data.id == literals[0]', ['u1']],
    ['async.data.a == event.data.gone', 'literals[0] == async.data.a', [undefined]],
    ['async.data.a == null', 'async.data.a == literals[0]', [null]],
    ['async.data.a == event.data.at', 'literals[0] == async.data.a', [new Date(NOW)]],
    ['async.data.a == event.data.tags', 'literals[0] == async.data.a', [['a', 'b']]],
    ['async.data.a == double("1") / 3', 'async.data.a == literals[0]', [1 / 3]],
    ['async.data.a != "x"', 'async.data.a != literals[0]', ['x']],
    ['!(async.data.a == "x")', 'async.data.a != literals[0]', ['x']],
    ['!(async.data.a != "x")', 'async.data.a == literals[0]', ['x']],
    ['async.data["a"] == 1 + 1', 'async.data.a == literals[0]', [2]],
    ['async.data["a b"] == 1', 'async.data["a b"] == literals[0]', [1]],
    ['async.data["in"] == 1', 'async.data["in"] == literals[0]', [1]],
    ['async.data["\\"\\\\\\n"] == 1', 'async.data["\\"\\\\\\n"] == literals[0]', [1]],
    ['async.data.items[0].id == 1', 'async.data.items[0].id == literals[0]', [1]],
    ['async.data[event.data.key] == 1', 'async.data[literals[0]] == literals[1]', ['k', 1]],
    ['async.data.a', 'async.data.a', []],
    ['async.data.a == 1 && event.data.yes', 'async.data.a == literals[0]', [1]],
    ['event.data.no || async.data.a == 1', 'async.data.a == literals[0]', [1]],
    ['event.data.yes ? async.data.a : async.data.b', 'async.data.a', []],
    ['event.data.no ? async.data.a : async.data.b', 'async.data.b', []],
    ['(async.a || true) ? async.b : async.c', 'async.b', []],
    ['(async.a && async.b) && (async.c && true)', 'async.a && async.b && async.c', []],
    ['async.a && (async.b || async.c)', 'async.a && (async.b || async.c)', []],
    ['(async.a && async.b) || async.c', 'async.a && async.b || async.c', []],
    ['async.a - (async.b - async.c)', 'async.a - (async.b - async.c)', []],
    ['(async.a - async.b) - async.c', 'async.a - async.b - async.c', []],
    ['(async.a + async.b) * -async.c', '(async.a + async.b) * -async.c', []],
    ['!(async.a || async.b)', '!(async.a || async.b)', []],
    [
      '(async.a ? async.b : async.c) ? async.d : async.e',
      '(async.a ? async.b : async.c) ? async.d : async.e',
      [],
    ],
    [
      'async.a ? async.b : async.c ? async.d : async.e',
      'async.a ? async.b : async.c ? async.d : async.e',
      [],
    ],
    ['(async.a || async.b).id == 1', '(async.a || async.b).id == literals[0]', [1]],
    [
      'async.data.a in ["x", 1, null]',
      'async.data.a in [literals[0], literals[1], literals[2]]',
      ['x', 1, null],
    ],
    ['async.data.a in event.data.tags', 'async.data.a in [literals[0], literals[1]]', ['a', 'b']],
    ['async.data.a in [[1]]', 'async.data.a in literals[0]', [[[1]]]],
    ['event.data.id in async.data.ids', 'literals[0] in async.data.ids', ['u1']],
    ['async.data.a == event.data.big', 'async.data.a == literals[0]', [7]],
    ['size(async.data.a) > 1', 'async.data.a.size() > literals[0]', [1]],
    ['has(async.data.a) && has(event.data.id)', 'has(async.data.a)', []],
    [
      'async.data.tags.exists(tag, tag == event.data.id)',
      'async.data.tags.exists(x0, x0 == literals[0])',
      ['u1'],
    ],
    [
      'event.data.tags.exists(t, t == async.data.t)',
      'literals[0].exists(x0, x0 == async.data.t)',
      [['a', 'b']],
    ],
    ['async.a.map(x, async.b.map(y, x + y))', 'async.a.map(x0, async.b.map(x1, x0 + x1))', []],
    [
      'date(async.at) < now_plus(event.data.gone || "1h")',
      'date(async.at) < now_plus(literals[0])',
      ['1h'],
    ],
    ['now() > date(event.ts)', 'now() > literals[0]', [new Date(NOW)]],
    [
      'now() - date(async.ts) > duration("1h")',
      'now() - date(async.ts) > duration(literals[0])',
      [3_600_000],
    ],
    ['int(event.data.id) == async.data.n', 'int(literals[0]) == async.data.n', ['u1']],
    ['async.data.a == {"k": event.data.id}', 'literals[0] == async.data.a', [{ k: 'u1' }]],
    ['{"k": async.data.a}.k', '{literals[0]: async.data.a}.k', ['k']],
    ['[async.data.a, 1][0]', '[async.data.a, literals[0]][0]', [1]],
  ])('%s', (source, program, literals) => {
    const folded = foldedOf(source)
    expect(folded).toEqual({ kind: 'when', program, literals })
    expect(openProgram(program).text).toBe(program)
  })

  test.each<[string, Folded['kind']]>([
    ['true', 'always'],
    ['"a"', 'always'],
    ['""', 'never'],
    ['event.data.n > 4', 'always'],
    ['event.data.n > 5', 'never'],
    ['event.data.gone', 'never'],
    ['event.data.no && async.data.a', 'never'],
    ['async.data.a && event.data.no', 'never'],
    ['async.data.a || event.data.id', 'always'],
    ['event.data.id || async.data.a', 'always'],
    ['int(async.data.a) == 1 || true', 'always'],
    ['int(async.data.a) == 1 && false', 'never'],
    ['!(async.data.a || true)', 'never'],
    ['event.data.tags.exists(t, t == "b")', 'always'],
    ['event.data.tags.map(t, [1].map(u, t + u))[1][0] == "b1"', 'always'],
    ['async.data.a ? 1 : 1', 'when'],
    ['now() > date(0)', 'when'],
    ['event.data.tags.exists(t, date(t) < now())', 'when'],
    ['1 / 0 == 1', 'when'],
    ['[1].exists(x, now() > date(0))', 'when'],
    ['[1].map(x, now() > date(0))[0]', 'when'],
  ])('%s: %s', (source, kind) => expect(foldedOf(source).kind).toBe(kind))

  test('a value that matters is kept where its truth does not suffice', () => {
    expect(foldedOf('(async.a || "k") == "k"')).toMatchObject({
      program: '(async.a || literals[0]) == literals[1]',
    })
    expect(foldedOf('(async.a && 5) == 5')).toMatchObject({
      program: '(async.a && literals[0]) == literals[1]',
    })
    expect(foldedOf('(false || async.a) == 5')).toMatchObject({ program: 'async.a == literals[0]' })
    expect(foldedOf('(async.a || 0) == 0')).toMatchObject({
      program: '(async.a || literals[0]) == literals[1]',
    })
    expect(foldedOf('async.a || 0')).toMatchObject({ program: 'async.a', literals: [] })
  })
})

describe('alternatives', () => {
  const short = (source: string): string[] => {
    const folded = foldedOf(source)
    if (folded.kind !== 'when') return [folded.kind]
    return openProgram(folded.program).alternatives.map(({ terms }) =>
      terms
        .map(({ path, literal }) => `${path.join('.')}=${String(folded.literals[literal])}`)
        .join(' & '),
    )
  }
  const many = (count: number, name: string): string =>
    Array.from({ length: count }, (_, i) => `async.${name} == ${i}`).join(' || ')

  test.each<[string, string[]]>([
    ['async.data.id == event.data.id', ['data.id=u1']],
    ['async.a == 1 && async.b == "x"', ['a=1 & b=x']],
    ['async.a == 1 || async.b == "x"', ['a=1', 'b=x']],
    ['async.a == 1 && (async.b == 2 || async.c == 3)', ['a=1 & b=2', 'a=1 & c=3']],
    [
      '(async.a == 1 || async.b == 2) && (async.c == 3 || async.d == 4)',
      ['a=1 & c=3', 'a=1 & d=4', 'b=2 & c=3', 'b=2 & d=4'],
    ],
    ['async.a == 1 && async.b > 2', ['a=1']],
    ['async.a == 1 || async.b > 2', ['']],
    ['async.a in [1, null, "x"]', ['a=1', 'a=null', 'a=x']],
    ['async.a in event.data.tags && async.b == true', ['b=true & a=a', 'b=true & a=b']],
    ['async.a in [event.data.at]', ['']],
    ['async.a in [1, event.data.at]', ['']],
    ['async.a in []', ['']],
    ['async.a in [1, async.b]', ['']],
    ['async.a in [event.data.at, async.b]', ['']],
    ['1 in async.a', ['']],
    ['async.a[0] == 1', ['a.0=1']],
    ['async.a == -0.0', ['a=0']],
    ['async.a == null', ['a=null']],
    ['async.a == event.data.gone', ['']],
    ['async.a == event.data.at', ['']],
    ['async.a == event.data.big', ['a=7']],
    ['async.a == 0.0 / 1', ['a=0']],
    ['async == "x"', ['']],
    ['async.a == async.b', ['']],
    ['async.a != 1', ['']],
    ['!(async.a == 1)', ['']],
    ['!(async.a != 1)', ['a=1']],
    ['!(async.a == 1 && async.b == 2)', ['']],
    ['(async.a == 1) == false', ['']],
    ['(async.a == 1 ? async.b : async.c) == 1', ['']],
    ['async.a == 1 ? async.b == 2 : async.c == 3', ['b=2', 'c=3']],
    ['async.a ? async.b == 2 : async.c', ['']],
    ['has(async.a) && async.a == 1', ['a=1']],
    ['async.a == 1 + 1', ['a=2']],
    ['async.a + 1 == 2', ['']],
    ['async[event.data.key] == 2', ['']],
    ['[async.a == 1].exists(x, x)', ['']],
    ['async.a', ['']],
    [many(16, 'a'), Array.from({ length: 16 }, (_, i) => `a=${i}`)],
    [many(17, 'a'), ['']],
    [`async.b == 1 && (${many(17, 'a')})`, ['b=1']],
    [`(${many(5, 'a')}) && (${many(4, 'b')})`, ['b=0', 'b=1', 'b=2', 'b=3']],
    [`async.a in [${Array.from({ length: 17 }, (_, i) => i).join(', ')}]`, ['']],
  ])('%s', (source, expected) => expect(short(source)).toEqual(expected))
})

describe('a program', () => {
  const open = openProgram('async.data.id == literals[0] && date(async.ts) < now()')

  test('is opened once and used with any literals', () => {
    expect(open.holds(['u1'], { data: { id: 'u1' }, ts: 5 }, 10)).toBe(true)
    expect(open.holds(['u2'], { data: { id: 'u1' }, ts: 5 }, 10)).toBe(false)
    expect(open.holds(['u1'], { data: { id: 'u1' }, ts: 5 }, 5)).toBe(false)
  })

  test('fails with its text, not with its literals', () => {
    const program = openProgram('int(async.x) == literals[0]')
    expect(() => program.holds(['secret'], { x: 'y' }, 0)).toThrow(
      expect.objectContaining({
        code: 'EXPRESSION_FAILED',
        facts: {
          source: 'int(async.x) == literals[0]',
          reason: 'int cannot be made of this string',
        },
      }),
    )
  })

  test.each([
    'event.a',
    'literals',
    'literals[-1]',
    'literals["a"]',
    'literals[async.a]',
    'literals.a',
    'x ==',
    '',
  ])('%j is no program', text => {
    expect(() => openProgram(text)).toThrow(expect.objectContaining({ code: 'EXPRESSION_INVALID' }))
  })

  test('compiles the patterns among its literals as they come', () => {
    const program = openProgram('async.x.matches(literals[0])')
    for (let i = 0; i < 200; i++) {
      expect(program.holds([`^a{${i}}$`], { x: 'a'.repeat(i) }, 0)).toBe(true)
      expect(program.holds([`^a{${i}}$`], { x: 'b' }, 0)).toBe(false)
    }
  })

  test('is cached by its text', () => {
    const cache = new ProgramCache()
    const first = cache.open('async.a == literals[0]')
    expect(cache.open('async.a == literals[0]')).toBe(first)
    expect(cache.open('async.b == literals[0]')).not.toBe(first)
  })
})
