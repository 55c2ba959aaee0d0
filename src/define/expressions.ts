import { EngineError } from './error.ts'
import type { Scalar } from './event-match.ts'
import { isWhole } from './event-name.ts'
import { compileExpression } from './expression/expression.ts'
import { limits } from './expression/limits.ts'
import { givenText, misfit } from './given-text.ts'
import { pathText } from './path-text.ts'
import { type Place, refusal } from './place.ts'

/** What an expression may name: the event that triggered the run, and the incoming one. */
export type Variable = 'event' | 'async'

const LONGEST_PATH = 256

/**
 * Throws DEFINITION_INVALID if `text` is no expression over `variables`. The one place where
 * definitions meet the compiler.
 */
export function checkExpression(
  text: unknown,
  variables: readonly Variable[],
  place: Place,
): asserts text is string {
  if (typeof text === 'string' && text.trim() !== '') return mustCompile(text, variables, place)
  const example = variables.includes('async')
    ? 'event.data.userId == async.data.userId'
    : "event.data.plan == 'pro'"
  throw refusal(place, misfit(text, 'is not an expression.'), `Write a text such as "${example}".`)
}

function mustCompile(text: string, variables: readonly Variable[], place: Place): void {
  try {
    compileExpression(text, variables)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw refusal(place, error.message, error.hint, error)
  }
}

/** `match: 'data.userId'` in full: that path is equal in the trigger event and the incoming one. */
export function matchText(path: unknown, place: Place): string {
  const parts = typeof path === 'string' ? path.split('.') : []
  const isPath =
    parts.length > 1 && parts[0] === 'data' && !parts.includes('') && isWhole(String(path))
  if (!isPath || String(path).length > LONGEST_PATH) {
    const hint = "Write a path into the data of both events, such as 'data.userId'."
    throw refusal(place, `${givenText(path)} is not a path.`, hint)
  }
  const text = pathText(String(path))
  return `event${text} == async${text}`
}

/** What `where` asks for, as an expression over one variable; undefined if it asks for nothing. */
export function equalsText(
  equals: Readonly<Record<string, Scalar>>,
  variable: Variable,
): string | undefined {
  const terms = Object.entries(equals).map(
    ([path, value]) => `${variable}.${path} == ${literal(value)}`,
  )
  return joined(terms)
}

// An integer that large would be too large for an expression; as a fraction it is not.
const literal = (value: Scalar): string =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : JSON.stringify(value)

/** Holds where each of `terms` holds. Throws DEFINITION_INVALID if there is too much of them. */
export function allOf(terms: readonly (string | undefined)[], place: Place): string | undefined {
  const text = joined(terms.filter(term => term !== undefined))
  if (text === undefined || text.length <= limits.sourceLengthMax) return text
  const fault = `what must hold has ${text.length} characters; ${limits.sourceLengthMax} are allowed.`
  throw refusal(place, fault, 'Compare less, such as an id or a digest.')
}

const joined = (terms: readonly string[]): string | undefined =>
  terms.length < 2 ? terms[0] : terms.map(term => `(${term})`).join(' && ')
