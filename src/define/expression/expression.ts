import { compile, outward, type Run } from './compile.ts'
import { failed } from './failure.ts'
import type { Node } from './node.ts'
import { parse } from './parse.ts'
import { scopeOf } from './scope.ts'
import { readSyntax, SOURCE_BOUNDS } from './syntax.ts'
import { isTruthy } from './value.ts'

/** An expression that was read and checked. */
export interface Expression {
  readonly source: string
  readonly root: Node
  readonly run: Run
}

/** `event` is the trigger, `async` the event that came in later. */
export interface Variables {
  readonly event?: unknown
  readonly async?: unknown
}

/**
 * Reads CEL, loosened: what is missing is null, values of different types are not equal, anything
 * has a truth. Throws EXPRESSION_INVALID with the position for a syntax error, a variable that is
 * not among `variables`, an unknown function, a wrong number of operands, or too much of anything.
 */
export function compileExpression(
  source: string,
  variables: readonly ('event' | 'async')[],
): Expression {
  const root = parse(source, readSyntax(source, SOURCE_BOUNDS), variables)
  return { source, root, run: compile(root) }
}

/**
 * The value of an expression; durations as milliseconds, what is missing as undefined.
 * `now`: milliseconds since 1970. Throws EXPRESSION_FAILED.
 */
export function evaluate(expression: Expression, variables: Variables, now: number): unknown {
  try {
    return outward(expression.run(scopeOf({ event: variables.event, async: variables.async, now })))
  } catch (error) {
    throw failed(expression.source, error)
  }
}

/** Whether the value is truthy, as in JavaScript. Throws EXPRESSION_FAILED. */
export function holds(expression: Expression, variables: Variables, now: number): boolean {
  try {
    return isTruthy(
      expression.run(scopeOf({ event: variables.event, async: variables.async, now })),
    )
  } catch (error) {
    throw failed(expression.source, error)
  }
}
