import * as z from 'zod'
import { type Duration, durationFault, NO_DURATION } from './duration.ts'
import { countSchema, optionSchema } from './option-schema.ts'

const DURATION = "a duration such as 250, '30s', '1h30m' or 'PT1H'"
const BACKOFF = 'an array of durations, or { initial, factor, max, jitter }'

/** `fits` says what is allowed there; `word` is allowed too. */
export const durationSchema = (fits = DURATION, word?: string) =>
  z.custom<Duration>(value => value === word || durationFault(value) === undefined, {
    error: ({ input }) => [fits, reason(durationFault(input))].join(''),
  })

export const retriesSchema = countSchema(0, 1_000)
export const backoffSchema = z.union(
  [
    z.array(durationSchema()).min(1, BACKOFF),
    optionSchema(BACKOFF, {
      initial: durationSchema().optional(),
      factor: number(1, 100).optional(),
      max: durationSchema().optional(),
      jitter: number(0, 1).optional(),
    }),
  ],
  BACKOFF,
)

function number(min: number, max: number) {
  const noun = `a number from ${min} to ${max}`
  return z.number(noun).min(min, noun).max(max, noun)
}

// That it is none has been said.
const reason = (fault: string | undefined): string =>
  fault === undefined || fault === NO_DURATION ? '' : `: ${fault}`
