import { EngineError } from '../error.ts'
import type { Scope } from './scope.ts'

/**
 * An evaluation that cannot give a value. `&&` and `||` pass over it where their other operands
 * decide, unless the budget is used up.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/**
 * The failure to remember when going on after one: the first. Throws what cannot be passed over.
 * A failure costs more time than a value does, so it takes more of the budget.
 */
export function passedOver(thrown: unknown, scope: Scope, first: Failure | undefined): Failure {
  if (!(thrown instanceof Failure)) throw thrown
  scope.steps -= STEPS_OF_FAILURE
  if (scope.steps < 0) throw new Failure('it takes too many steps')
  return first ?? thrown
}

const STEPS_OF_FAILURE = 60

/** EXPRESSION_INVALID with a caret line under the place. */
export function invalid(source: string, position: number, reason: string): EngineError {
  const start = source.lastIndexOf('\n', position - 1) + 1
  const end = source.indexOf('\n', position)
  const line = (end < 0 ? source.slice(start) : source.slice(start, end)).replaceAll('\t', ' ')
  const from = Math.max(0, position - start - BEFORE)
  const shown = line.slice(from, from + SHOWN)
  const caret = `${' '.repeat(position - start - from)}^`
  const place = `line ${source.slice(0, start).split('\n').length}, column ${position - start + 1}`
  const message = `The expression is not valid at ${place}: ${reason}.\n  ${shown}\n  ${caret}`
  return new EngineError('EXPRESSION_INVALID', message, {
    hint: 'Write CEL over `event` and `async`, such as `event.data.id == async.data.id && async.data.amount > 100`.',
    facts: { source, position, reason },
  })
}

const BEFORE = 60
const SHOWN = 80
const SHOWN_WHOLE = 300

/** What an evaluation threw, as EXPRESSION_FAILED. */
export function failed(source: string, thrown: unknown): EngineError {
  const known = thrown instanceof Failure
  const reason = known ? thrown.message : 'it could not be evaluated'
  return new EngineError(
    'EXPRESSION_FAILED',
    `The expression failed: ${reason}.\n  ${source.slice(0, SHOWN_WHOLE)}`,
    {
      hint: 'Look at the data it was given; `has(...)`, `string(...)` and `int(...)` make it less strict.',
      facts: { source, reason },
      ...(!known && { cause: thrown }),
    },
  )
}
