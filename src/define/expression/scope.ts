import { Failure } from './failure.ts'
import { limits } from './limits.ts'

/** What one evaluation has: its variables, and what is left of its budget. */
export interface Scope {
  readonly event: unknown
  readonly async: unknown
  readonly literals: readonly unknown[]
  /** Milliseconds since 1970. */
  readonly now: number
  /** The variables of the macros around, by slot. */
  readonly locals: unknown[]
  steps: number
}

export interface Given {
  readonly event?: unknown
  readonly async?: unknown
  readonly literals?: readonly unknown[]
  readonly now: number
}

export function scopeOf({ event, async, literals = [], now }: Given): Scope {
  return { event, async, literals, now, locals: [], steps: limits.stepsMax }
}

/** Takes steps from the budget. Throws a Failure when it is used up. */
export function charge(scope: Scope, steps: number): void {
  scope.steps -= steps
  if (scope.steps < 0) throw new Failure('it takes too many steps')
}
