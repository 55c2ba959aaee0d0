import { type Duration, parseDuration } from './duration.ts'
import { EngineError } from './error.ts'

/** Where in a definition or a call something stands, for messages: `of` what, and the path to it. */
export interface Place {
  readonly of: string
  readonly path: string
}

export const within = ({ of, path }: Place, key: string | number): Place => ({
  of,
  path: path === '' ? String(key) : `${path}.${key}`,
})

/** DEFINITION_INVALID, naming the place. The hint is the fix. */
export function refusal(
  { of, path }: Place,
  fault: string,
  hint: string,
  cause?: unknown,
): EngineError {
  const message = `${of} is not valid. ${path === '' ? '' : `${path}: `}${fault}`
  return new EngineError('DEFINITION_INVALID', message, { hint, facts: { of, path }, cause })
}

/** Refuses options that there are not, so that no misspelt one goes unnoticed. */
export function mustHaveOnly(options: object, known: readonly string[], place: Place): void {
  const odd = Object.keys(options).find(key => !known.includes(key))
  if (odd === undefined) return
  const hint = `Options here are ${known.join(', ')}.`
  throw refusal(within(place, odd), 'there is no such option.', hint)
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null

/** Milliseconds. Throws DEFINITION_INVALID for what is no duration. */
export function durationAt(duration: unknown, place: Place): number {
  try {
    return parseDuration(duration as Duration)
  } catch (error) {
    const fault = error instanceof Error ? error.message : 'it is not a duration.'
    throw refusal(
      place,
      fault,
      "Write milliseconds as a number, or '250ms', '1h30m', '2d', 'PT1H'.",
      error,
    )
  }
}
