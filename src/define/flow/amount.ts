import { givenText, misfit } from '../given-text.ts'
import { durationAt, isObject, mustHaveOnly, type Place, refusal } from '../place.ts'

/** The options of one noun, none of them looked at. Refuses what has others, or is no object. */
export function partsAt(
  option: unknown,
  known: readonly string[],
  place: Place,
  example: string,
): Readonly<Record<string, unknown>> {
  if (!isObject(option) || Array.isArray(option)) {
    throw refusal(place, `${givenText(option)} is not an object.`, `Write ${example}.`)
  }
  mustHaveOnly(option, known, place)
  return option as Readonly<Record<string, unknown>>
}

/** A whole number. */
export function countAt(
  value: unknown,
  place: Place,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value)
  if (isCount && value >= min && value <= max) return value
  const bounds =
    max === Number.MAX_SAFE_INTEGER
      ? `of ${min} or more`
      : `from ${min} to ${max.toLocaleString('en')}`
  const fault = misfit(value, `is not a whole number ${bounds}.`)
  throw refusal(place, fault, `Write a whole number ${bounds}.`)
}

/** Milliseconds, at least one, parts of one rounded up. */
export function spanAt(value: unknown, place: Place): number {
  if (value === undefined) {
    throw refusal(place, 'it is missing.', "Write a duration such as '30s' or '1h'.")
  }
  const ms = Math.ceil(durationAt(value, place))
  if (ms >= 1) return ms
  throw refusal(
    place,
    `${givenText(value)} takes no time.`,
    "Write a duration longer than 0, such as '30s'.",
  )
}

/** One of these texts. */
export function oneOfAt<Choice extends string>(
  value: unknown,
  choices: readonly Choice[],
  place: Place,
): Choice {
  const found = choices.find(choice => choice === value)
  if (found !== undefined) return found
  const fits = choices.map(choice => `'${choice}'`).join(' or ')
  const fault = misfit(value, `is not ${fits}.`)
  throw refusal(place, fault, `Write ${fits}.`)
}
