import { Failure } from './failure.ts'
import { limits } from './limits.ts'
import { dateAt } from './moment.ts'
import { charge, type Scope } from './scope.ts'
import { copyOf, isMissing, Span, timeOf } from './value.ts'

export type Arithmetic = '-' | '*' | '/' | '%'

/** `+`: numbers, texts with anything that has a text, lists, times. Missing + x = x. */
export function add(left: unknown, right: unknown, scope: Scope): unknown {
  if (isMissing(left)) return isMissing(right) ? (left ?? right) : right
  if (isMissing(right)) return left
  if (typeof left === 'string' || typeof right === 'string')
    return joined(textOf(left), textOf(right), scope)
  if (Array.isArray(left) && Array.isArray(right)) {
    charge(scope, left.length + right.length)
    return copyOf(left).concat(copyOf(right))
  }
  if (left instanceof Date && right instanceof Span) return dateAt(timeOf(left) + right.ms)
  if (left instanceof Span && right instanceof Date) return dateAt(left.ms + timeOf(right))
  if (left instanceof Span && right instanceof Span) return new Span(left.ms + right.ms)
  return numeric('+', left, right)
}

/** The others: numbers, and differences of times. What is missing makes the result missing. */
export function calculate(left: unknown, operator: Arithmetic, right: unknown): unknown {
  if (isMissing(left) || isMissing(right)) return undefined
  if (operator === '-' && left instanceof Date) {
    if (right instanceof Date) return new Span(timeOf(left) - timeOf(right))
    if (right instanceof Span) return dateAt(timeOf(left) - right.ms)
  }
  if (operator === '-' && left instanceof Span && right instanceof Span)
    return new Span(left.ms - right.ms)
  return numeric(operator, left, right)
}

export function negated(value: unknown): unknown {
  if (isMissing(value)) return undefined
  if (value instanceof Span) return new Span(-value.ms)
  if (typeof value === 'number' || typeof value === 'bigint') return -value
  throw new Failure(`- cannot be used with ${nameOf(value)}`)
}

/** The text of a value as `string(...)` and `+` give it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  if (value instanceof Date) return dateAt(timeOf(value)).toISOString()
  if (value instanceof Span) return `${value.ms / 1_000}s`
  throw new Failure(`${nameOf(value)} has no text`)
}

/** What a value is called in a message; the value itself may be secret or long. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a timestamp'
  if (value instanceof Span) return 'a duration'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'boolean' ? 'a boolean' : `a ${typeof value}`
}

function joined(left: string, right: string, scope: Scope): string {
  if (left.length + right.length > limits.stringLengthMax) throw new Failure('a string is too long')
  charge(scope, (left.length + right.length) >> 4)
  return left + right
}

type NumericOperator = '+' | Arithmetic

function numeric(operator: NumericOperator, left: unknown, right: unknown): number | bigint {
  const mixed = typeof left !== typeof right
  if (typeof left === 'bigint' && typeof right === 'bigint') return ofBigints(operator, left, right)
  const a = typeof left === 'bigint' && mixed ? Number(left) : left
  const b = typeof right === 'bigint' && mixed ? Number(right) : right
  if (typeof a !== 'number' || typeof b !== 'number')
    throw new Failure(`${operator} cannot be used with ${nameOf(left)} and ${nameOf(right)}`)
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / divisor(b)
    case '%':
      return a % divisor(b)
  }
}

function ofBigints(operator: NumericOperator, a: bigint, b: bigint): bigint {
  const bound = 1n << BigInt(limits.bigintBitsMax)
  if (a > bound || a < -bound || b > bound || b < -bound)
    throw new Failure('an integer is too large')
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / divisor(b)
    case '%':
      return a % divisor(b)
  }
}

function divisor<N extends number | bigint>(value: N): N {
  // Both zeros and the bigint one; NaN is no zero.
  if (value === 0 || value === 0n) throw new Failure('division by zero')
  return value
}
