import type { inspect as Inspect, InspectOptions } from 'node:util'
import type { ErrorAsJson, PerdureError } from './error.ts'

/** What the class says in other fields as well, or the message does. */
const SAID = ['code', 'hint', 'facts', 'name', 'story']
/** Causes may go round in a circle. */
const DEEPEST = 8

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
export function errorAsJson(
  { code, message, hint, facts, site }: PerdureError,
  inspect: typeof Inspect,
): ErrorAsJson {
  const plain = Object.entries(facts).map(([name, fact]) => [name, inJson(fact, inspect)])
  return {
    ...{ code, message, hint, facts: Object.fromEntries(plain) },
    ...(site !== undefined && { site }),
  }
}

function inJson(fact: unknown, inspect: typeof Inspect): unknown {
  try {
    const text = JSON.stringify(fact, (_, value: unknown) => {
      if (typeof value === 'bigint') return `${value}`
      const isBare = value instanceof Error && !('toJSON' in value)
      return isBare ? { name: value.name, message: value.message } : value
    })
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return inspect(fact)
  }
}

const framesOf = (stack = ''): string => /(?:\n {4}at .*)+/.exec(stack)?.[0] ?? ''
