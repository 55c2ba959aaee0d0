import { nameOf, textOf } from './arithmetic.ts'
import { Failure } from './failure.ts'
import { limits } from './limits.ts'
import { date, dateAt, span, timestamp } from './moment.ts'
import { charge, type Scope } from './scope.ts'
import { isMissing, isPlain, Span, timeOf } from './value.ts'

type Implementation = (scope: Scope, first: unknown, second: unknown) => unknown

interface Entry {
  readonly count: number
  /** Called as `value.name(...)`, as `name(...)`, or either way. */
  readonly form: 'method' | 'plain' | 'either'
  readonly run: Implementation
}

const CHARACTERS_PER_STEP = 2_048

/** Most give nothing for nothing: a missing operand makes the result missing. */
const conversion = (run: (value: unknown, scope: Scope) => unknown): Entry => ({
  count: 1,
  form: 'plain',
  run: (scope, value) => (isMissing(value) ? undefined : run(value, scope)),
})

/** A question about two texts; the answer is no where one of them is missing. */
const question = (
  name: string,
  ask: (text: string, other: string) => boolean,
  work = (_: string, other: string): number => other.length,
): Entry => ({
  count: 2,
  form: 'method',
  run: (scope, text, other) => {
    if (isMissing(text) || isMissing(other)) return false
    if (typeof text !== 'string' || typeof other !== 'string')
      throw new Failure(`${name} needs strings, not ${nameOf(text)} and ${nameOf(other)}`)
    charge(scope, Math.ceil(work(text, other) / CHARACTERS_PER_STEP))
    return ask(text, other)
  },
})

export const FUNCTIONS = {
  contains: question(
    'contains',
    (text, sought) => text.includes(sought),
    // A search may look at each character of the one for each of the other.
    (text, sought) => text.length * sought.length,
  ),
  startsWith: question('startsWith', (text, start) => text.startsWith(start)),
  endsWith: question('endsWith', (text, end) => text.endsWith(end)),
  // Patterns are compiled once for an expression: see matcherOf in compile.ts.
  matches: question('matches', () => false),
  size: { count: 1, form: 'either', run: sizeOfValue },
  int: conversion(value => integer(value, 'int')),
  uint: conversion(unsigned),
  double: conversion(double),
  string: conversion(textOf),
  timestamp: conversion(timestamp),
  duration: conversion(span),
  lowercase: conversion((value, scope) => plainText(value, 'lowercase', scope).toLowerCase()),
  uppercase: conversion((value, scope) => plainText(value, 'uppercase', scope).toUpperCase()),
  b64decode: conversion((value, scope) => decoded(plainText(value, 'b64decode', scope))),
  json_parse: conversion((value, scope) => parsed(plainText(value, 'json_parse', scope))),
  date: conversion(date),
  now: { count: 0, form: 'plain', run: scope => dateAt(scope.now) },
  now_plus: { count: 1, form: 'plain', run: (scope, by) => dateAt(scope.now + span(by).ms) },
  now_minus: { count: 1, form: 'plain', run: (scope, by) => dateAt(scope.now - span(by).ms) },
} satisfies Record<string, Entry>

export type FunctionName = keyof typeof FUNCTIONS

export const readsNow = (name: FunctionName): boolean => name.startsWith('now')

export function signatureOf(name: FunctionName): {
  method: boolean
  plain: boolean
  count: number
} {
  const { form, count }: Entry = FUNCTIONS[name]
  return { method: form !== 'plain', plain: form !== 'method', count }
}

function sizeOfValue(scope: Scope, value: unknown): number {
  if (isMissing(value)) return 0
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (value instanceof Map || value instanceof Set) return value.size
  if (value instanceof Uint8Array) return value.byteLength
  if (!isPlain(value)) throw new Failure(`${nameOf(value)} has no size`)
  const { length } = Object.keys(value)
  charge(scope, length)
  return length
}

function integer(value: unknown, name: string): number | bigint {
  if (typeof value === 'bigint') return small(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return Math.floor(timeOf(value) / 1_000)
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value)
  if (typeof value === 'string' && /^[+-]?\d{1,30}$/.test(value))
    return small(BigInt(value.replace('+', '')))
  throw new Failure(
    `${name} cannot be made of ${value instanceof Span || typeof value !== 'string' ? nameOf(value) : 'this string'}`,
  )
}

function unsigned(value: unknown): number | bigint {
  const result = integer(value, 'uint')
  if (result < 0) throw new Failure('uint cannot be negative')
  return result
}

const small = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

function double(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (
    typeof value === 'string' &&
    /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/.test(value)
  )
    return Number(value)
  throw new Failure(
    `double cannot be made of ${typeof value === 'string' ? 'this string' : nameOf(value)}`,
  )
}

function plainText(value: unknown, name: string, scope: Scope): string {
  if (typeof value !== 'string') throw new Failure(`${name} needs a string, not ${nameOf(value)}`)
  charge(scope, value.length >> 4)
  return value
}

function decoded(text: string): string {
  if (!/^[\w+/-]*={0,2}$/.test(text)) throw new Failure('b64decode needs base64')
  return Buffer.from(text, 'base64').toString('utf8')
}

function parsed(text: string): unknown {
  if (text.length > limits.jsonLengthMax) throw new Failure('the JSON is too long')
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure('json_parse needs JSON')
  }
}
