import { compile } from './compile.ts'
import { Failure } from './failure.ts'
import { readsNow } from './functions.ts'
import { childrenOf, constant, type MacroNode, type Node } from './node.ts'
import type { Scope } from './scope.ts'
import { isTruthy } from './value.ts'

/**
 * A tree in which all is computed that does not hang on `async` or on the time. `truth`: only
 * whether the result is truthy matters. What fails is left as it is, so that it fails again.
 */
export function foldTree(node: Node, scope: Scope, truth: boolean): Node {
  const value = (part: Node): Node => foldTree(part, scope, false)
  switch (node.kind) {
    case 'constant':
    case 'literal':
    case 'local':
      return node
    case 'variable':
      return node.name === 'event' ? constant(scope.event) : node
    case 'member':
      return settle({ ...node, object: value(node.object) }, scope)
    case 'index':
      return settle({ ...node, object: value(node.object), key: value(node.key) }, scope)
    case 'list':
      return settle({ ...node, items: node.items.map(value) }, scope)
    case 'map': {
      const entries = node.entries.map(([key, item]) => [value(key), value(item)] as const)
      return settle({ ...node, entries }, scope)
    }
    case 'not':
      return foldNot(foldTree(node.operand, scope, true))
    case 'negate':
    case 'has':
      return settle({ ...node, operand: value(node.operand) }, scope)
    case 'and':
    case 'or':
      return foldLogic(
        node.kind,
        node.operands.map(part => foldTree(part, scope, truth)),
        truth,
      )
    case 'choice': {
      const test = foldTree(node.test, scope, true)
      const [yes, no] = [foldTree(node.yes, scope, truth), foldTree(node.no, scope, truth)]
      if (test.kind === 'constant') return isTruthy(test.value) ? yes : no
      return { ...node, test, yes, no }
    }
    case 'binary':
      return settle({ ...node, left: value(node.left), right: value(node.right) }, scope)
    case 'call':
      return settle({ ...node, operands: node.operands.map(value) }, scope)
    case 'macro':
      return foldMacro(node, scope)
  }
}

/** Computes a node all of whose parts are constants. */
function settle(node: Node, scope: Scope): Node {
  const ready = childrenOf(node).every(({ kind }) => kind === 'constant')
  if (!ready || (node.kind === 'call' && readsNow(node.name))) return node
  return computed(node, scope)
}

function computed(node: Node, scope: Scope): Node {
  try {
    return constant(compile(node)(scope))
  } catch (error) {
    if (error instanceof Failure) return node
    throw error
  }
}

function foldMacro(node: MacroNode, scope: Scope): Node {
  const truth = node.macro !== 'map'
  const folded: MacroNode = {
    ...node,
    over: foldTree(node.over, scope, false),
    bodies: node.bodies.map((body, i) =>
      foldTree(body, scope, truth || (i === 0 && node.bodies.length === 2)),
    ),
  }
  const ready =
    folded.over.kind === 'constant' && folded.bodies.every(body => isClosed(body, node.slot))
  return ready ? computed(folded, scope) : folded
}

/** Whether a body hangs on nothing but the variables of macros from `slot` on. */
function isClosed(node: Node, slot: number): boolean {
  if (node.kind === 'variable' || node.kind === 'literal') return false
  if (node.kind === 'local') return node.slot >= slot
  if (node.kind === 'call' && readsNow(node.name)) return false
  return childrenOf(node).every(child => isClosed(child, slot))
}

function foldNot(operand: Node): Node {
  if (operand.kind === 'constant') return constant(!isTruthy(operand.value))
  if (operand.kind === 'binary' && operand.operator === '==') return { ...operand, operator: '!=' }
  if (operand.kind === 'binary' && operand.operator === '!=') return { ...operand, operator: '==' }
  return { kind: 'not', operand }
}

function foldLogic(kind: 'and' | 'or', operands: readonly Node[], truth: boolean): Node {
  const deciding = kind === 'or'
  const flat = operands.flatMap(operand => (operand.kind === kind ? operand.operands : operand))
  const kept: Node[] = []
  for (const [index, operand] of flat.entries()) {
    if (operand.kind !== 'constant') kept.push(operand)
    else if (isTruthy(operand.value) === deciding) {
      // One that decides makes the failures of all others irrelevant, but not their values.
      if (truth || kept.length === 0) return constant(operand.value)
      kept.push(operand)
      break
    } else if (!truth && index === flat.length - 1) kept.push(operand)
  }
  const [only] = kept
  if (only === undefined) return constant(!deciding)
  return kept.length === 1 ? only : { kind, operands: kept }
}
