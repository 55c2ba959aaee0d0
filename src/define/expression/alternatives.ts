import { limits } from './limits.ts'
import type { Node } from './node.ts'

/** What must be equal for a condition to hold, so that an index can find it. */
export interface Alternative {
  /** All of them must be equal; none: this alternative cannot be found by lookup. */
  readonly terms: readonly Term[]
}

export interface Term {
  /** Below `async`, such as `['data', 'userId']`. */
  readonly path: readonly (string | number)[]
  /** Which of the program's literals it must equal. */
  readonly literal: number
}

/**
 * Alternatives one of which is fulfilled whenever the condition holds. The other direction is not
 * promised: what is too much or cannot be told is left out, down to one without terms.
 */
export function alternativesOf(node: Node): readonly Alternative[] {
  const found = alternatives(node)
  return found.some(({ terms }) => terms.length === 0) ? ANYTHING : found
}

const ANYTHING: readonly Alternative[] = [{ terms: [] }]

function alternatives(node: Node): readonly Alternative[] {
  switch (node.kind) {
    case 'and':
      return node.operands.map(alternatives).sort(byLength).reduce(both, ANYTHING)
    case 'or':
      return either(node.operands.map(alternatives))
    case 'choice':
      return either([alternatives(node.yes), alternatives(node.no)])
    case 'binary':
      return ofBinary(node)
    default:
      return ANYTHING
  }
}

function ofBinary({ operator, left, right }: Extract<Node, { kind: 'binary' }>) {
  const path = pathOf(left)
  if (path === undefined) return ANYTHING
  // The literal is on the right exactly if it can be looked up: print.ts sees to it.
  const sought =
    operator === '==' ? [right] : operator === 'in' && right.kind === 'list' ? right.items : []
  const terms = sought.flatMap(item =>
    item.kind === 'literal' ? { path, literal: item.index } : [],
  )
  if (terms.length === 0 || terms.length < sought.length) return ANYTHING
  return either(terms.map(term => [{ terms: [term] }]))
}

/** All combinations; too many: without the second, which makes the condition only weaker. */
function both(first: readonly Alternative[], second: readonly Alternative[]) {
  if (first.length * second.length > limits.alternativesMax) return first
  return first.flatMap(one => second.map(other => ({ terms: [...one.terms, ...other.terms] })))
}

function either(all: readonly (readonly Alternative[])[]): readonly Alternative[] {
  const found = all.flat()
  return found.length > limits.alternativesMax ? ANYTHING : found
}

const byLength = (a: readonly unknown[], b: readonly unknown[]): number => a.length - b.length

/** The path of `async.data.items[0]`; undefined for anything else, `async` itself included. */
function pathOf(node: Node): (string | number)[] | undefined {
  const path: (string | number)[] = []
  let at = node
  for (; at.kind === 'member'; at = at.object) path.unshift(at.key)
  return at.kind === 'variable' && at.name === 'async' && path.length > 0 ? path : undefined
}
