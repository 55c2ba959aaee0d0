import type { inspect as Inspect, InspectOptions } from 'node:util'
import type { ErrorAsJson, PerdureError } from './error.ts'

/** What the class says in other fields as well, or the message does. */
const SAID = ['code', 'hint', 'facts', 'name', 'story']
/** Causes and facts may go round in circles. */
const DEEPEST = 4

export interface Inspecting extends InspectOptions {
  stylize(text: string, style: 'special' | 'undefined'): string
}

/** An error as `console.log` shows it: what happened, its facts one a line, the stack, the cause. */
export function errorText(
  error: PerdureError,
  depth: number | null | undefined,
  options: Inspecting,
  inspect: typeof Inspect,
): string {
  const { name, message, code, hint, facts, site, cause } = error
  const left = Math.min(depth ?? DEEPEST, DEEPEST)
  if (left < 0) return options.stylize(`[${name}: ${code}]`, 'special')
  const shown = (value: unknown): string =>
    inspect(value, { ...options, depth: left - 1 }).replaceAll('\n', '\n  ')
  const line = (label: string, text: string): string =>
    `\n  ${options.stylize(label.padEnd(5), 'undefined')}  ${text}`
  const others = Object.entries(error).filter(
    ([key, value]) => !SAID.includes(key) && facts[key] !== value,
  )
  return [
    `${name}: ${message}`,
    line('code', options.stylize(code, 'special')),
    line('hint', hint),
    Object.keys(facts).length === 0 ? '' : line('facts', shown(facts)),
    site === undefined ? '' : line('site', site),
    ...others.map(([key, value]) => line(key, shown(value))),
    options.stylize(framesOf(error.stack), 'undefined'),
    cause === undefined ? '' : line('cause', shown(cause)),
  ].join('')
}

/** The same for programs. Facts can be anything: what JSON cannot say becomes a text. */
export function errorAsJson(error: PerdureError, inspect: typeof Inspect): ErrorAsJson {
  const { code, message, hint, facts, site } = error
  const plain = Object.entries(facts).map(([name, fact]) => [name, inJson(fact, inspect, DEEPEST)])
  return {
    ...{ code, message, hint, facts: Object.fromEntries(plain) },
    ...(site !== undefined && { site }),
  }
}

function inJson(fact: unknown, inspect: typeof Inspect, depth: number): unknown {
  if (typeof fact === 'bigint') return String(fact)
  if (typeof fact !== 'object' || fact === null) return fact
  if (fact instanceof Date) return fact
  const whole = fact instanceof Error ? briefly(fact) : fact
  const prototype: unknown = Object.getPrototypeOf(whole)
  const isPlain = prototype === Object.prototype || prototype === null
  if (depth === 0 || (!isPlain && !Array.isArray(whole))) return inspect(whole)
  if (Array.isArray(whole)) return whole.map(each => inJson(each, inspect, depth - 1))
  const inner = Object.entries(whole).map(([key, value]) => [
    key,
    inJson(value, inspect, depth - 1),
  ])
  return Object.fromEntries(inner)
}

const briefly = (error: Error): object => ({
  name: error.name,
  ...('code' in error && { code: error.code }),
  message: error.message,
})

const framesOf = (stack = ''): string => /(?:\n {4}at .*)+/.exec(stack)?.[0] ?? ''
