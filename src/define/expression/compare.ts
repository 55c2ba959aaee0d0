import { Failure } from './failure.ts'
import { limits } from './limits.ts'
import { charge, type Scope } from './scope.ts'
import { elementOf, elementsOf, isMissing, isPlain, ownValue, Span, timeOf } from './value.ts'

/**
 * `==`. Values of different types are not equal; numbers and bigints are one type, lists and plain
 * objects are compared by what they hold. What is missing equals null and nothing else, not even
 * what is missing elsewhere: two events that both lack an id do not match by it.
 */
export function equals(left: unknown, right: unknown, scope: Scope, depth = 0): boolean {
  if (isMissing(left) || isMissing(right)) {
    return isMissing(left) && isMissing(right) && (left === null || right === null || depth > 0)
  }
  if (typeof left === 'string' && typeof right === 'string') {
    charge(scope, Math.min(left.length, right.length) >> 8)
    return left === right
  }
  if (typeof left !== 'object' || typeof right !== 'object') {
    if (left === right) return true
    // A bigint and a number: `===` would tell them apart.
    return isNumeric(left) && isNumeric(right) && left <= right && left >= right
  }
  if (left instanceof Date && right instanceof Date) return timeOf(left) === timeOf(right)
  if (left instanceof Span && right instanceof Span) return left.ms === right.ms
  if (depth > limits.equalityDepthMax)
    throw new Failure('the compared values are nested too deeply')
  if (Array.isArray(left) && Array.isArray(right)) return sameLists(left, right, scope, depth)
  if (isPlain(left) && isPlain(right)) return sameObjects(left, right, scope, depth)
  return false
}

function sameLists(left: unknown[], right: unknown[], scope: Scope, depth: number): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) {
    charge(scope, 1)
    if (!equals(elementOf(left, i), elementOf(right, i), scope, depth + 1)) return false
  }
  return true
}

function sameObjects(left: object, right: object, scope: Scope, depth: number): boolean {
  const keys = Object.keys(left)
  const others = Object.keys(right)
  charge(scope, keys.length + others.length)
  if (keys.length !== others.length) return false
  return keys.every(
    key =>
      Object.hasOwn(right, key) &&
      equals(ownValue(left, key), ownValue(right, key), scope, depth + 1),
  )
}

export type Ordering = '<' | '<=' | '>' | '>='

/**
 * Ordered comparison. What is missing is less than anything; null counts as the other side's zero;
 * values of different types are in no order, so every comparison of them is false.
 */
export function isOrdered(
  left: unknown,
  operator: Ordering,
  right: unknown,
  scope: Scope,
): boolean {
  const wantsLess = operator === '<' || operator === '<='
  if (left === undefined) return wantsLess
  if (right === undefined) return !wantsLess
  const a = rankOf(left ?? zeroOf(right))
  const b = rankOf(right ?? zeroOf(left))
  if (a === undefined || b === undefined) return false
  const comparable = typeOfRank(left ?? zeroOf(right)) === typeOfRank(right ?? zeroOf(left))
  if (!comparable) return false
  if (typeof a === 'string' && typeof b === 'string')
    charge(scope, Math.min(a.length, b.length) >> 8)
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}

/** `value in collection`: elements of lists and Sets, keys of objects and Maps. */
export function isIn(value: unknown, collection: unknown, scope: Scope): boolean {
  if (isPlain(collection)) return typeof value === 'string' && Object.hasOwn(collection, value)
  const elements = elementsOf(collection) ?? []
  if (elements !== collection) charge(scope, elements.length)
  for (let i = 0; i < elements.length; i++) {
    charge(scope, 1)
    if (equals(value, elementOf(elements, i), scope)) return true
  }
  return false
}

const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/** The zero of a value's type; two nulls are two zeros. */
function zeroOf(other: unknown): unknown {
  if (typeof other === 'string') return ''
  if (typeof other === 'boolean') return false
  if (other instanceof Date) return new Date(0)
  return other instanceof Span ? new Span(0) : 0
}

function rankOf(value: unknown): string | number | bigint | undefined {
  if (typeof value === 'string' || isNumeric(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return timeOf(value)
  return value instanceof Span ? value.ms : undefined
}

function typeOfRank(value: unknown): string {
  if (value instanceof Date) return 'date'
  if (value instanceof Span) return 'span'
  return isNumeric(value) ? 'number' : typeof value
}
