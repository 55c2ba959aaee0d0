import { signatureOf } from './functions.ts'
import { limits } from './limits.ts'
import type { Node } from './node.ts'
import { copyOf, isIndexable, Span } from './value.ts'

/**
 * The canonical text of a tree over `async` and `literals[n]`, itself CEL:
 *
 * - Every constant is lifted: it becomes the next of `literals`, also where two are equal, so that
 *   expressions that differ only in constants have one text. Keys such as `.data`, `["data"]` and
 *   `[0]` are no constants; a key that was computed is one.
 * - `==` and `!=` with one constant have it on the right if an index can look it up (a string, a
 *   finite number, a boolean, null), else on the left. A reader of the text, who does not see the
 *   literals, knows by this which equalities are index terms.
 * - `in` a short list of such constants shows the list as `[literals[0], literals[1]]`; any other
 *   constant list is one literal.
 * - The variables of macros are x0, x1, ... by depth. One blank around operators, parentheses only
 *   where needed.
 */
export function print(node: Node): { text: string; literals: unknown[] } {
  const literals: unknown[] = []
  const text = new Printer(literals).print(node, 0)
  return { text, literals }
}

const PRECEDENCE = {
  choice: 1,
  or: 2,
  and: 3,
  '==': 4,
  '<': 5,
  '+': 6,
  '*': 7,
  unary: 8,
  postfix: 9,
}

const precedenceOf = (operator: string): number => {
  if (operator === '==' || operator === '!=') return PRECEDENCE['==']
  if (operator === '+' || operator === '-') return PRECEDENCE['+']
  if (operator === '*' || operator === '/' || operator === '%') return PRECEDENCE['*']
  return PRECEDENCE['<']
}

class Printer {
  readonly #literals: unknown[]

  constructor(literals: unknown[]) {
    this.#literals = literals
  }

  /** `least`: what binds looser than this goes in parentheses. */
  print(node: Node, least: number): string {
    const wrap = (own: number, text: string): string => (own < least ? `(${text})` : text)
    const each = (nodes: readonly Node[]): string =>
      nodes.map(part => this.print(part, 0)).join(', ')
    switch (node.kind) {
      case 'constant':
        return this.#constant(node.value)
      case 'literal':
        return `literals[${node.index}]`
      case 'variable':
        return node.name
      case 'local':
        return `x${node.slot}`
      case 'member':
        return this.print(node.object, PRECEDENCE.postfix) + keyText(node.key)
      case 'index':
        return `${this.print(node.object, PRECEDENCE.postfix)}[${this.print(node.key, 0)}]`
      case 'list':
        return `[${each(node.items)}]`
      case 'map':
        return `{${node.entries.map(([key, value]) => `${this.print(key, 0)}: ${this.print(value, 0)}`).join(', ')}}`
      case 'not':
        return wrap(PRECEDENCE.unary, `!${this.print(node.operand, PRECEDENCE.unary)}`)
      case 'negate':
        return wrap(PRECEDENCE.unary, `-${this.print(node.operand, PRECEDENCE.unary)}`)
      case 'has':
        return `has(${this.print(node.operand, 0)})`
      case 'and':
        return wrap(PRECEDENCE.and, this.#row(node.operands, ' && ', PRECEDENCE.and))
      case 'or':
        return wrap(PRECEDENCE.or, this.#row(node.operands, ' || ', PRECEDENCE.or))
      case 'choice': {
        const [test, yes] = [this.print(node.test, PRECEDENCE.or), this.print(node.yes, 0)]
        return wrap(PRECEDENCE.choice, `${test} ? ${yes} : ${this.print(node.no, 0)}`)
      }
      case 'binary':
        return wrap(precedenceOf(node.operator), this.#binary(node))
      case 'call': {
        const [receiver, ...rest] = node.operands
        if (!signatureOf(node.name).method || receiver === undefined)
          return `${node.name}(${each(node.operands)})`
        return `${this.print(receiver, PRECEDENCE.postfix)}.${node.name}(${each(rest)})`
      }
      case 'macro': {
        const over = this.print(node.over, PRECEDENCE.postfix)
        return `${over}.${node.macro}(x${node.slot}, ${each(node.bodies)})`
      }
    }
  }

  #row(operands: readonly Node[], operator: string, own: number): string {
    return operands.map(operand => this.print(operand, own + 1)).join(operator)
  }

  #binary({ operator, ...operands }: Extract<Node, { kind: 'binary' }>): string {
    const own = precedenceOf(operator)
    const equality = operator === '==' || operator === '!='
    // An equality does not tell a bigint from its number.
    const left = equality ? asNumber(operands.left) : operands.left
    const right = equality ? asNumber(operands.right) : operands.right
    const swap = equality && !isSought(right) && (isSought(left) || right.kind === 'constant')
    const [first, last] = swap ? [right, left] : [left, right]
    const start = this.print(first, own)
    const end = operator === 'in' ? this.#collection(last) : this.print(last, own + 1)
    return `${start} ${operator} ${end}`
  }

  #collection(node: Node): string {
    const items =
      node.kind === 'constant' && Array.isArray(node.value) ? copyOf(node.value) : undefined
    const shown = items !== undefined && items.length <= limits.alternativesMax
    if (!shown || !items.every(item => isIndexable(numberOf(item))))
      return this.print(node, precedenceOf('in') + 1)
    return `[${items.map(item => this.#lift(numberOf(item))).join(', ')}]`
  }

  #constant(value: unknown): string {
    return value instanceof Span ? `duration(${this.#lift(value.ms)})` : this.#lift(value)
  }

  #lift(value: unknown): string {
    return `literals[${this.#literals.push(value) - 1}]`
  }
}

const asNumber = (node: Node): Node =>
  node.kind === 'constant' ? { ...node, value: numberOf(node.value) } : node

const isSought = (node: Node): boolean => node.kind === 'constant' && isIndexable(node.value)

/** A bigint as the number that it equals, if there is one: an index knows only numbers. */
const numberOf = (value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value

const WORDS = ['true', 'false', 'null', 'in']

function keyText(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`
  if (/^[A-Za-z_]\w*$/.test(key) && !WORDS.includes(key)) return `.${key}`
  // What CEL takes raw stays raw: it has no escape for half a surrogate pair.
  const escaped = key.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `["${escaped}"]`
}
