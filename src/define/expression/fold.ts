import type { Expression } from './expression.ts'
import { failed } from './failure.ts'
import { foldTree } from './fold-tree.ts'
import { print } from './print.ts'
import { scopeOf } from './scope.ts'
import { isTruthy } from './value.ts'

/**
 * A condition on `async` alone. `program` is the same text for expressions that differ only in
 * constants; `openProgram` opens it, in this process or a later one. `literals` are what differs,
 * in values that the codec stores.
 */
export type Folded =
  | { readonly kind: 'never' }
  | { readonly kind: 'always' }
  | { readonly kind: 'when'; readonly program: string; readonly literals: readonly unknown[] }

/**
 * The expression with the trigger's part computed. What hangs on the time is left for later, and
 * what fails is left to fail. The result holds for an event whenever the expression does for both.
 * `now`: milliseconds since 1970.
 */
export function fold(expression: Expression, event: unknown, now: number): Folded {
  try {
    const folded = foldTree(expression.root, scopeOf({ event, now }), true)
    if (folded.kind === 'constant') return { kind: isTruthy(folded.value) ? 'always' : 'never' }
    const { text, literals } = print(folded)
    return { kind: 'when', program: text, literals }
  } catch (error) {
    throw failed(expression.source, error)
  }
}
