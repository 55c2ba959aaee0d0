import { compile, outward } from './compile.ts'
import { Failure } from './failure.ts'
import { signatureOf } from './functions.ts'
import { childrenOf, type Node, type Operator } from './node.ts'
import type { Scope } from './scope.ts'
import { isTruthy } from './value.ts'

/** A comparison that made a condition on `async` false. */
export interface Miss {
  /** Below `async`, such as `data.userId`. */
  readonly path: string
  /**
   * What was to be true of the value there and `wanted`: `!=`, `<`, `in`, `contains`, `size >`,
   * `not in`, ...; absent: they were to be equal. `fits`: what was asked is more than can be told.
   */
  readonly is?: string
  /** Absent where it was asked for as it is, or more than can be told. */
  readonly wanted?: unknown
  readonly got: unknown
}

/** What evaluates a part of the condition. Each part has a budget of its own. */
type Scoped = () => Scope

/**
 * Why a condition does not hold: of what must all be true all that is not, of alternatives the one
 * that came closest. None, if it holds.
 */
export function missesOf(node: Node, scoped: Scoped, holds = true): readonly Miss[] {
  if (truthOf(node, scoped) === holds) return []
  switch (node.kind) {
    case 'not':
      return missesOf(node.operand, scoped, !holds)
    case 'and':
    case 'or': {
      const parts = node.operands.map(operand => missesOf(operand, scoped, holds))
      return (node.kind === 'and') === holds ? parts.flat() : closest(parts)
    }
    case 'choice': {
      const test = truthOf(node.test, scoped)
      return test === undefined
        ? inside(node, scoped)
        : missesOf(test ? node.yes : node.no, scoped, holds)
    }
    case 'binary':
    case 'call':
      return compared(node, scoped, holds)
    case 'has': {
      const path = pathOf(node.operand)
      const is = holds ? { is: '!=' } : {}
      const got = resultOf(node.operand, scoped)
      return path === undefined ? inside(node, scoped) : [{ path, ...is, wanted: undefined, got }]
    }
    default: {
      const path = pathOf(node)
      const got = resultOf(node, scoped)
      return path === undefined ? inside(node, scoped) : [{ path, wanted: holds, got }]
    }
  }
}

function compared(
  node: Extract<Node, { kind: 'binary' | 'call' }>,
  scoped: Scoped,
  holds: boolean,
): readonly Miss[] {
  const parts = node.kind === 'binary' ? [node.left, node.right] : node.operands
  const name = node.kind === 'binary' ? node.operator : node.name
  const [first, second] = parts
  const isQuestion = node.kind === 'binary' ? name in FLIPPED : signatureOf(node.name).method
  if (first === undefined || second === undefined || parts.length > 2 || !isQuestion) {
    return inside(node, scoped)
  }
  const asked =
    askedOf(first, name) ?? (name in FLIPPED ? askedOf(second, FLIPPED[name]!) : undefined)
  if (asked === undefined) return inside(node, scoped)
  const { path, at, is } = asked
  const wanted = resultOf(askedOf(first, name) === undefined ? first : second, scoped)
  return [{ path, ...relation(is, holds), wanted, got: resultOf(at, scoped) }]
}

/** What is asked of a value of the event, or of its size and the like. */
function askedOf(node: Node, is: string): { path: string; at: Node; is: string } | undefined {
  const path = pathOf(node)
  if (path !== undefined) return { path, at: node, is }
  const [only, more] = node.kind === 'call' ? node.operands : []
  const inner = only === undefined || more !== undefined ? undefined : pathOf(only)
  if (node.kind !== 'call' || only === undefined || inner === undefined) return undefined
  return { path: inner, at: only, is: `${node.name} ${is}` }
}

function relation(is: string, holds: boolean): { readonly is?: string } {
  if (is === '==') return holds ? {} : { is: '!=' }
  if (is === '!=') return holds ? { is } : {}
  return { is: holds ? is : `not ${is}` }
}

/** With its sides the other way round. */
const FLIPPED: { readonly [Name in Operator | string]?: string } = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  in: 'contains',
}

/** All values of the event that have a part in it. */
function inside(node: Node, scoped: Scoped): readonly Miss[] {
  const path = pathOf(node)
  if (path !== undefined) return [{ path, is: 'fits', got: resultOf(node, scoped) }]
  const all = childrenOf(node).flatMap(child => inside(child, scoped))
  return all.filter((one, at) => all.findIndex(other => other.path === one.path) === at)
}

function closest(parts: readonly (readonly Miss[])[]): readonly Miss[] {
  const [best = []] = parts.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length)
  return best
}

/** The path of `async.data.items[0]` without `async`; undefined for anything else. */
function pathOf(node: Node): string | undefined {
  const path: (string | number)[] = []
  let at = node
  for (; at.kind === 'member'; at = at.object) path.unshift(at.key)
  return at.kind === 'variable' && at.name === 'async' && path.length > 0
    ? path.join('.')
    : undefined
}

/** Undefined, where it fails. */
function truthOf(node: Node, scoped: Scoped): boolean | undefined {
  try {
    return isTruthy(compile(node)(scoped()))
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

function resultOf(node: Node, scoped: Scoped): unknown {
  try {
    return outward(compile(node)(scoped()))
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}
