import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/define/error.ts'
import { compileExpression, evaluate, holds } from '../../../src/define/expression/expression.ts'
import { fold } from '../../../src/define/expression/fold.ts'
import { parse } from '../../../src/define/expression/parse.ts'
import { print } from '../../../src/define/expression/print.ts'
import { openProgram } from '../../../src/define/expression/program.ts'
import { readSyntax } from '../../../src/define/expression/syntax.ts'
import { termKey, valueAt } from '../../../src/define/expression/value.ts'
import {
  anyCondition,
  anyEvent,
  anyExpression,
  mutated,
  type Pick,
  pickBy,
  pickFrom,
} from './grammar.ts'

const NOW = Date.UTC(2024, 0, 2, 3, 4, 5)
const LATER = NOW + 3_600_000
const times = Number(process.env.PERDURE_RUNS ?? 1)
const VARIABLES = ['event', 'async'] as const

/** Rows of choices, of a length that lets expressions grow. */
const choices = fc
  .array(fc.nat(1_000), { minLength: 5, maxLength: 120 })
  .map(list => pickFrom(list))
const events = fc.array(fc.nat(1_000), { maxLength: 20 }).map(list => anyEvent(pickFrom(list)))
const sources = fc.oneof(
  choices.map(pick => anyCondition(pick)),
  choices.map(pick => anyExpression(pick)),
)

/** true, false, or the reason for which there is none. */
function outcome(ask: () => boolean): boolean | string {
  try {
    return ask()
  } catch (error) {
    if (
      error instanceof EngineError &&
      error.code === 'EXPRESSION_FAILED' &&
      error.cause === undefined
    )
      return 'failed'
    throw error
  }
}

function foldedOutcome(source: string, event: unknown, async: unknown): boolean | string {
  const folded = fold(compileExpression(source, VARIABLES), event, NOW)
  if (folded.kind !== 'when') return folded.kind === 'always'
  const program = openProgram(folded.program)
  return outcome(() => program.holds(folded.literals, async, LATER))
}

describe('of every expression and all events', () => {
  test('what is left after folding holds exactly when the whole does', () => {
    const seen = { true: 0, false: 0, failed: 0 }
    fc.assert(
      fc.property(sources, events, events, (source, event, async) => {
        const expression = compileExpression(source, VARIABLES)
        const whole = outcome(() => holds(expression, { event, async }, LATER))
        seen[String(whole) as keyof typeof seen]++
        expect(foldedOutcome(source, event, async)).toBe(whole)
      }),
      { numRuns: 4_000 * times },
    )
    // A law that only ever sees one side of it says little.
    expect(Math.min(seen.true, seen.false, seen.failed)).toBeGreaterThan(100)
  })

  test('a program opened again prints as the same text', () => {
    fc.assert(
      fc.property(sources, events, (source, event) => {
        const folded = fold(compileExpression(source, VARIABLES), event, NOW)
        if (folded.kind !== 'when') return
        const bounds = { lengthMax: 1e6, nestingMax: 1_000, nodesMax: 1e6 }
        const root = parse(folded.program, readSyntax(folded.program, bounds), [
          'async',
          'literals',
        ])
        expect(print(root)).toEqual({ text: folded.program, literals: [] })
        expect(openProgram(folded.program).text).toBe(folded.program)
      }),
      { numRuns: 2_000 * times },
    )
  })

  test('when it holds, all terms of some alternative are equal', () => {
    let indexed = 0
    fc.assert(
      fc.property(sources, events, events, (source, event, async) => {
        const folded = fold(compileExpression(source, VARIABLES), event, NOW)
        if (folded.kind !== 'when') return
        const { alternatives, holds: test } = openProgram(folded.program)
        const keyOf = (literal: number): string | undefined => termKey(folded.literals[literal])
        for (const { literal } of alternatives.flatMap(({ terms }) => terms))
          expect(['string', 'number', 'boolean', 'object']).toContain(
            typeof folded.literals[literal],
          )
        if (outcome(() => test(folded.literals, async, LATER)) !== true) return
        const found = alternatives.some(({ terms }) =>
          terms.every(({ path, literal }) => termKey(valueAt(async, path)) === keyOf(literal)),
        )
        expect(found, folded.program).toBe(true)
        if (alternatives.every(({ terms }) => terms.length > 0)) indexed++
      }),
      { numRuns: 4_000 * times },
    )
    expect(indexed).toBeGreaterThan(50)
  })

  test('the order of the operands of && and || does not change whether it holds', () => {
    const bothWays = (a: string, b: string, operator: string) => [
      `(${a}) ${operator} (${b})`,
      `(${b}) ${operator} (${a})`,
    ]
    fc.assert(
      fc.property(
        sources,
        sources,
        events,
        events,
        fc.constantFrom('&&', '||'),
        (a, b, event, async, operator) => {
          const [one, other] = bothWays(a, b, operator).map(source =>
            outcome(() => holds(compileExpression(source, VARIABLES), { event, async }, NOW)),
          )
          expect(one).toBe(other)
        },
      ),
      { numRuns: 1_000 * times },
    )
  })
})

describe('expressions that differ only in constants and in how they are written', () => {
  const constants = fc.oneof(
    fc.string({ maxLength: 5 }).map(text => JSON.stringify(text)),
    fc.integer().map(String),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
      .map(value => value.toFixed(3)),
    fc.boolean().map(String),
    fc.constant('null'),
  )

  /** A condition with holes for constants and for blanks. */
  const template = (pick: Pick, depth: number): string => {
    const inner = (): string => template(pick, depth - 1)
    switch (depth === 0 ? pick(4) : pick(7)) {
      case 0:
        return 'async.data.a_==_#'
      case 1:
        return '#_!=_async.data["b"]'
      case 2:
        return 'async.data.list[0]_~_#'
      case 3:
        return 'async.data.c_in_[#,_#]'
      case 4:
        return `<${inner()}>_&&_<${inner()}>`
      case 5:
        return `(${inner()}_||_${inner()})`
      default:
        return 'async.data.list.exists(x,_<x>_==_#)_?_has(async.a)_:_async.b_+_#_~_#'
    }
  }

  /** `blanks`: which blanks and how many parentheses; always 0 means as short as can be. */
  const filled = (shape: string, parts: readonly string[], blanks: Pick): string => {
    let next = 0
    const doubled = blanks(2) === 1
    return shape
      .replace(/</g, doubled ? '((' : '(')
      .replace(/>/g, doubled ? '))' : ')')
      .replace(/~/g, '<=')
      .replace(/_/g, () => [' ', '  ', '\n', ' // why\n'][blanks(4)] ?? ' ')
      .replace(/#/g, () => parts[next++ % parts.length] ?? '1')
  }

  test('share one program', () => {
    const parts = fc.array(constants, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(choices, parts, parts, choices, (pick, some, others, blanks) => {
        const shape = template(pick, 3)
        const one = fold(
          compileExpression(
            filled(shape, some, () => 0),
            VARIABLES,
          ),
          {},
          NOW,
        )
        const other = fold(compileExpression(filled(shape, others, blanks), VARIABLES), {}, NOW)
        if (one.kind !== 'when' || other.kind !== 'when') throw new Error('it cannot be constant')
        expect(other.program).toBe(one.program)
        expect(other.literals.length).toBe(one.literals.length)
      }),
      { numRuns: 1_500 * times },
    )
  })

  test('also when the constants come from the trigger', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    fc.assert(
      fc.property(scalar, scalar, (one, other) => {
        const expression = compileExpression('event.a == async.a && async.b > event.a', VARIABLES)
        const [first, second] = [
          fold(expression, { a: one }, NOW),
          fold(expression, { a: other }, NOW),
        ]
        expect(first).toMatchObject({ literals: [one, one] })
        expect({ ...second, literals: [] }).toEqual({ ...first, literals: [] })
      }),
    )
  })
})

test(
  'a storm of expressions, half of them damaged: an answer or one of the two errors',
  () => {
    const counts = { value: 0, EXPRESSION_INVALID: 0, EXPRESSION_FAILED: 0 }
    const seed = fc.sample(fc.integer(), 1)[0] ?? 0
    const pick = pickBy(seed)
    const [event, async] = [anyEvent(pick), anyEvent(pick)]
    for (let i = 0; i < 20_000 * times; i++) {
      const made =
        pick(2) === 0
          ? anyExpression(pick)
          : mutated(pick(2) === 0 ? anyExpression(pick) : anyCondition(pick), pick)
      try {
        const expression = compileExpression(made, VARIABLES)
        const folded = fold(expression, event, NOW)
        if (folded.kind === 'when') openProgram(folded.program).holds(folded.literals, async, NOW)
        evaluate(expression, { event, async }, NOW)
        counts.value++
      } catch (error) {
        const known =
          error instanceof EngineError && error.code in counts && error.cause === undefined
        if (!known) throw new Error(`seed ${seed}: ${made}`, { cause: error })
        counts[error.code as keyof typeof counts]++
        const { position } = error.facts
        if (
          error.code === 'EXPRESSION_INVALID' &&
          !(Number(position) >= 0 && Number(position) <= made.length)
        )
          throw new Error(`seed ${seed}: ${made} has no place ${position}`, { cause: error })
      }
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(1_000)
  },
  120_000 * times,
)
