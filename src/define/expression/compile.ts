import { add, calculate, nameOf, negated } from './arithmetic.ts'
import { equals, isIn, isOrdered } from './compare.ts'
import { Failure, passedOver } from './failure.ts'
import { FUNCTIONS, type FunctionName } from './functions.ts'
import { limits } from './limits.ts'
import { compileMacro } from './macro.ts'
import { type Node, type Operator, sizeOf } from './node.ts'
import { type CompiledPattern, compilePattern } from './pattern.ts'
import { charge, type Scope } from './scope.ts'
import { isMissing, isTruthy, memberOf, Span } from './value.ts'

/** A compiled node. Throws a Failure where there is no value. */
export type Run = (scope: Scope) => unknown

/** Makes a tree runnable: one closure a node, nothing is looked up by name again. */
export function compile(node: Node): Run {
  switch (node.kind) {
    case 'constant': {
      const { value } = node
      return () => value
    }
    case 'literal': {
      const { index } = node
      return scope => scope.literals[index]
    }
    case 'variable':
      return node.name === 'event' ? scope => scope.event : scope => scope.async
    case 'local': {
      const { slot } = node
      return scope => scope.locals[slot]
    }
    case 'member': {
      const object = compile(node.object)
      const { key } = node
      return scope => memberOf(object(scope), key)
    }
    case 'index': {
      const object = compile(node.object)
      const key = compile(node.key)
      return scope => memberOf(object(scope), key(scope))
    }
    case 'not': {
      const operand = compile(node.operand)
      return scope => !isTruthy(operand(scope))
    }
    case 'negate': {
      const operand = compile(node.operand)
      return scope => negated(operand(scope))
    }
    case 'has': {
      const operand = compile(node.operand)
      return scope => operand(scope) !== undefined
    }
    case 'choice': {
      const [test, yes, no] = [compile(node.test), compile(node.yes), compile(node.no)]
      return scope => (isTruthy(test(scope)) ? yes(scope) : no(scope))
    }
    case 'list': {
      const items = node.items.map(compile)
      return scope => items.map(item => item(scope))
    }
    case 'map':
      return compileMap(node.entries.map(([key, value]) => [compile(key), compile(value)]))
    case 'and':
    case 'or':
      return compileLogic(node.operands.map(compile), node.kind === 'or')
    case 'binary':
      return compileBinary(node.operator, compile(node.left), compile(node.right))
    case 'call':
      return compileCall(node.name, node.operands.map(compile))
    case 'macro':
      return compileMacro(
        node.macro,
        node.slot,
        compile(node.over),
        node.bodies.map(compile),
        node.bodies.reduce((cost, body) => cost + sizeOf(body), 1),
      )
  }
}

/**
 * Gives the first operand that decides, else the last one, as in JavaScript. As in CEL, an operand
 * that fails does not matter where another one decides, in whatever order they stand.
 */
function compileLogic(operands: readonly Run[], deciding: boolean): Run {
  return scope => {
    let failure: Failure | undefined
    let value: unknown
    for (const operand of operands) {
      try {
        value = operand(scope)
      } catch (error) {
        failure = passedOver(error, scope, failure)
        continue
      }
      if (isTruthy(value) === deciding) return value
    }
    if (failure !== undefined) throw failure
    return value
  }
}

function compileBinary(operator: Operator, left: Run, right: Run): Run {
  switch (operator) {
    case '==':
      return scope => equals(left(scope), right(scope), scope)
    case '!=':
      return scope => !equals(left(scope), right(scope), scope)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return scope => isOrdered(left(scope), operator, right(scope), scope)
    case 'in':
      return scope => isIn(left(scope), right(scope), scope)
    case '+':
      return scope => add(left(scope), right(scope), scope)
    case '-':
    case '*':
    case '/':
    case '%':
      return scope => calculate(left(scope), operator, right(scope))
  }
}

const NOTHING: Run = () => undefined

function compileCall(name: FunctionName, [first = NOTHING, second = NOTHING]: Run[]): Run {
  const { run } = FUNCTIONS[name]
  if (name !== 'matches') return scope => run(scope, first(scope), second(scope))
  const pattern = patternsOf()
  return scope => {
    const text = first(scope)
    const sought = second(scope)
    if (isMissing(text) || isMissing(sought)) return false
    if (typeof text !== 'string' || typeof sought !== 'string')
      throw new Failure(`matches needs strings, not ${nameOf(text)} and ${nameOf(sought)}`)
    return pattern(sought).test(text, steps => charge(scope, steps))
  }
}

/** Compiles each pattern once; they are few where they are literals, so a full memory starts anew. */
function patternsOf(): (text: string) => CompiledPattern {
  const known = new Map<string, CompiledPattern>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    if (known.size >= limits.patternsKept) known.clear()
    const compiled = compilePattern(text)
    known.set(text, compiled)
    return compiled
  }
}

function compileMap(entries: readonly (readonly [Run, Run])[]): Run {
  return scope => {
    const map = {}
    for (const [key, value] of entries) {
      const name = key(scope)
      if (typeof name !== 'string') throw new Failure('the keys of a map are strings')
      // Assigning would reach the setter of `__proto__`.
      Object.defineProperty(map, name, {
        value: value(scope),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return map
  }
}

/** What an expression hands out: a length of time as milliseconds, everything else as it is. */
export const outward = (value: unknown): unknown => (value instanceof Span ? value.ms : value)
