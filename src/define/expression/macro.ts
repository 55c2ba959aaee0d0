import { nameOf } from './arithmetic.ts'
import { Failure, passedOver } from './failure.ts'
import type { Macro } from './node.ts'
import { charge, type Scope } from './scope.ts'
import { elementOf, elementsOf, isTruthy } from './value.ts'

type Run = (scope: Scope) => unknown

/** `cost`: the steps that each element takes. What is missing has no elements. */
export function compileMacro(
  macro: Macro,
  slot: number,
  over: Run,
  [first, second]: readonly Run[],
  cost: number,
): Run {
  if (first === undefined) throw new Error('a macro has a body')
  const each = (scope: Scope, visit: (element: unknown) => boolean): void =>
    visitAll(macro, over(scope), slot, cost, scope, visit)
  switch (macro) {
    case 'exists':
      return scope => decides(scope, first, true, each)
    case 'all':
      return scope => decides(scope, first, false, each)
    case 'exists_one':
      return scope => {
        let count = 0
        each(scope, () => {
          if (isTruthy(first(scope))) count++
          return true
        })
        return count === 1
      }
    case 'filter':
      return scope => {
        const kept: unknown[] = []
        each(scope, element => {
          if (isTruthy(first(scope))) kept.push(element)
          return true
        })
        return kept
      }
    case 'map':
      return scope => {
        const made: unknown[] = []
        each(scope, () => {
          if (second === undefined) made.push(first(scope))
          else if (isTruthy(first(scope))) made.push(second(scope))
          return true
        })
        return made
      }
  }
}

type Each = (scope: Scope, visit: (element: unknown) => boolean) => void

/** `exists` is a long `||` and `all` a long `&&`: a failure is passed over where another decides. */
function decides(scope: Scope, predicate: Run, deciding: boolean, each: Each): boolean {
  let failure: Failure | undefined
  let decided = false
  each(scope, () => {
    try {
      decided = isTruthy(predicate(scope)) === deciding
    } catch (error) {
      failure = passedOver(error, scope, failure)
    }
    return !decided
  })
  if (!decided && failure !== undefined) throw failure
  return decided === deciding
}

function visitAll(
  macro: Macro,
  value: unknown,
  slot: number,
  cost: number,
  scope: Scope,
  visit: (element: unknown) => boolean,
): void {
  const elements = elementsOf(value)
  if (elements === undefined) throw new Failure(`${macro} cannot be used with ${nameOf(value)}`)
  if (elements !== value) charge(scope, elements.length)
  for (let i = 0; i < elements.length; i++) {
    charge(scope, cost)
    // An inner use of the slot has ended by then, but not the other way round.
    scope.locals[slot] = elementOf(elements, i)
    if (!visit(scope.locals[slot])) return
  }
}
