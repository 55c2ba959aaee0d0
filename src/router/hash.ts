const TEXT = 0x2545f491
const NUMBER = 0x1b873593
const TRUE = 0x3c6ef372
const FALSE = 0x5851f42d
const NULL = 0x14057b7e

/**
 * A whole number of 32 bits, equal for values that are equal for a condition: strings, booleans,
 * null and what is missing, numbers (-0 is 0) and bigints of the same value. Undefined for what
 * equals none of them: NaN, and all that is no scalar.
 */
export function hashOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'string':
      return hashOfText(value, TEXT)
    case 'number':
      return hashOfNumber(value)
    case 'bigint':
      return hashOfNumber(Number(value))
    case 'boolean':
      return value ? TRUE : FALSE
    case 'undefined':
      return NULL
    default:
      return value === null ? NULL : undefined
  }
}

/** One hash for two in this order. */
export function combine(hash: number, next: number): number {
  const sum = Math.imul(hash ^ next, 0x5bd1e995)
  return sum ^ (sum >>> 15)
}

/** Makes every bit depend on every other; 30 bits, which V8 keeps without an object everywhere. */
export function finish(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return (twice ^ (twice >>> 16)) >>> 2
}

function hashOfNumber(value: number): number | undefined {
  const whole = value | 0
  if (whole === value) return combine(NUMBER, whole)
  return Number.isNaN(value) ? undefined : hashOfText(`${value}`, NUMBER)
}

function hashOfText(text: string, seed: number): number {
  let hash = seed ^ text.length
  for (let at = 0; at < text.length; at++) hash = combine(hash, text.charCodeAt(at))
  return hash
}
