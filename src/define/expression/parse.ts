import { Failure, invalid } from './failure.ts'
import { FUNCTIONS, type FunctionName, signatureOf } from './functions.ts'
import { limits } from './limits.ts'
import { constant, MACROS, type Macro, type Node, OPERATORS, type Operator } from './node.ts'
import { compilePattern } from './pattern.ts'
import type { Syntax } from './syntax.ts'

export type VariableName = 'event' | 'async' | 'literals'

/**
 * Makes a tree of what was read. Names, functions and the number of their operands are checked
 * here, once, so that evaluation meets only what it knows. Throws EXPRESSION_INVALID.
 */
export function parse(source: string, syntax: Syntax, variables: readonly VariableName[]): Node {
  return new Reader(source, variables).read(syntax, [], 0)
}

class Reader {
  readonly #source: string
  readonly #variables: readonly VariableName[]

  constructor(source: string, variables: readonly VariableName[]) {
    this.#source = source
    this.#variables = variables
  }

  /** `locals`: the variables of the macros around, outermost first. */
  read(syntax: Syntax, locals: readonly string[], height: number): Node {
    if (height > this.#heightMax) throw this.#invalid(syntax, 'it is nested too deeply')
    const read = (part: Syntax): Node => this.read(part, locals, height + 1)
    switch (syntax.op) {
      case 'value':
        return constant(this.#value(syntax, syntax.args))
      case 'id':
        return this.#name(syntax, syntax.args, locals)
      case '.':
        return { kind: 'member', object: read(syntax.args[0]), key: syntax.args[1] }
      case '[]':
        return this.#index(syntax, syntax.args[0], read(syntax.args[1]), read)
      case 'list':
        return { kind: 'list', items: syntax.args.map(read) }
      case 'map':
        return { kind: 'map', entries: syntax.args.map(([key, value]) => [read(key), read(value)]) }
      case '!_':
        return { kind: 'not', operand: read(syntax.args) }
      case '-_':
        return { kind: 'negate', operand: read(syntax.args) }
      case '&&':
        return { kind: 'and', operands: chain(syntax, '&&').map(read) }
      case '||':
        return { kind: 'or', operands: chain(syntax, '||').map(read) }
      case '?:': {
        const [test, yes, no] = syntax.args
        return { kind: 'choice', test: read(test), yes: read(yes), no: read(no) }
      }
      case 'call':
        return this.#call(syntax, syntax.args[0], undefined, syntax.args[1], locals, height)
      case 'rcall':
        return this.#call(syntax, syntax.args[0], syntax.args[1], syntax.args[2], locals, height)
      case '.?':
      case '[?]':
        throw this.#invalid(syntax, 'optional access is not supported; what is missing is null')
      default: {
        const operator = OPERATORS.find(known => known === syntax.op)
        if (operator === undefined) throw this.#invalid(syntax, `${syntax.op} is not supported`)
        return this.#binary(operator, syntax.args, read)
      }
    }
  }

  get #heightMax(): number {
    return this.#variables.includes('literals') ? limits.programNestingMax : limits.heightMax
  }

  #binary(operator: Operator, [left, right]: [Syntax, Syntax], read: (part: Syntax) => Node): Node {
    return { kind: 'binary', operator, left: read(left), right: read(right) }
  }

  /** Integers are numbers, as in the data they are compared with; only large ones stay bigints. */
  #value(syntax: Syntax, value: unknown): unknown {
    if (value instanceof Uint8Array) throw this.#invalid(syntax, 'bytes are not supported')
    const integer =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'value') : value
    if (typeof integer !== 'bigint') return value
    if (integer >= 1n << 64n) throw this.#invalid(syntax, 'the number has more than 64 bits')
    const number = Number(integer)
    return Number.isSafeInteger(number) ? number : integer
  }

  #name(syntax: Syntax, name: string, locals: readonly string[]): Node {
    const slot = locals.lastIndexOf(name)
    if (slot >= 0) return { kind: 'local', slot }
    const known = this.#variables.find(variable => variable === name)
    if (known === undefined || known === 'literals') {
      const names = [...this.#variables, ...locals].join(', ')
      throw this.#invalid(syntax, `there is no '${name}' here, only ${names}`)
    }
    return { kind: 'variable', name: known }
  }

  #index(syntax: Syntax, object: Syntax, key: Node, read: (part: Syntax) => Node): Node {
    const value = key.kind === 'constant' ? key.value : undefined
    const position = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    if (object.op === 'id' && object.args === 'literals' && this.#variables.includes('literals')) {
      if (!position) throw this.#invalid(syntax, 'literals are taken by number')
      return { kind: 'literal', index: value }
    }
    if (position || typeof value === 'string')
      return { kind: 'member', object: read(object), key: value }
    return { kind: 'index', object: read(object), key }
  }

  #call(
    syntax: Syntax,
    name: string,
    receiver: Syntax | undefined,
    operands: readonly Syntax[],
    locals: readonly string[],
    height: number,
  ): Node {
    const read = (part: Syntax): Node => this.read(part, locals, height + 1)
    const macro = MACROS.find(known => known === name)
    if (macro !== undefined && receiver !== undefined)
      return this.#macro(syntax, macro, receiver, operands, locals, height)
    if (name === 'has' && receiver === undefined) return this.#has(syntax, operands, read)
    if (!Object.hasOwn(FUNCTIONS, name))
      throw this.#invalid(syntax, `there is no function '${name}'`)
    const known = name as FunctionName
    const { method, plain, count } = signatureOf(known)
    const all = receiver === undefined ? operands : [receiver, ...operands]
    if (!(receiver === undefined ? plain : method))
      throw this.#invalid(syntax, method ? `write value.${name}(...)` : `write ${name}(...)`)
    if (all.length !== count)
      throw this.#invalid(syntax, `${name} takes ${count} operands, not ${all.length}`)
    const nodes = all.map(read)
    if (known === 'matches') this.#checkPattern(all[1] ?? syntax, nodes[1])
    return { kind: 'call', name: known, operands: nodes }
  }

  #has(syntax: Syntax, operands: readonly Syntax[], read: (part: Syntax) => Node): Node {
    const operand = operands.length === 1 && operands[0] ? read(operands[0]) : undefined
    if (operand?.kind !== 'member' && operand?.kind !== 'index')
      throw this.#invalid(syntax, 'has takes one access, such as has(event.data.id)')
    return { kind: 'has', operand }
  }

  #macro(
    syntax: Syntax,
    macro: Macro,
    receiver: Syntax,
    operands: readonly Syntax[],
    locals: readonly string[],
    height: number,
  ): Node {
    const [variable, ...bodies] = operands
    const fits = bodies.length === 1 || (macro === 'map' && bodies.length === 2)
    if (variable?.op !== 'id' || !fits)
      throw this.#invalid(syntax, `${macro} takes a variable and an expression: ${macro}(x, ...)`)
    const within = [...locals, variable.args]
    return {
      kind: 'macro',
      macro,
      over: this.read(receiver, locals, height + 1),
      slot: locals.length,
      bodies: bodies.map(body => this.read(body, within, height + 1)),
    }
  }

  #checkPattern(syntax: Syntax, pattern: Node | undefined): void {
    if (pattern?.kind !== 'constant' || typeof pattern.value !== 'string') return
    try {
      compilePattern(pattern.value)
    } catch (error) {
      if (error instanceof Failure) throw this.#invalid(syntax, error.message)
      throw error
    }
  }

  #invalid(syntax: Syntax, reason: string): Error {
    return invalid(this.#source, this.#positionOf(syntax), reason)
  }

  /** Of `value.name(...)` the parser gives the start of the value; what is wrong is the name. */
  #positionOf(syntax: Syntax): number {
    if (syntax.op !== 'rcall') return syntax.pos ?? 0
    return this.#source.indexOf(syntax.args[0], syntax.args[1].end)
  }
}

/** The operands of `a && b && c`, which the parser gives as `(a && b) && c`. */
function chain(syntax: Syntax, op: '&&' | '||'): Syntax[] {
  const found: Syntax[] = []
  const open = [syntax]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.op === op) open.push(next.args[1], next.args[0])
    else found.push(next)
  }
  return found
}
