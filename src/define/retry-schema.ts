import * as z from 'zod'
import { type Duration, parseDuration } from './duration.ts'

export const durationSchema = z.custom<Duration>(isDuration, 'not a duration')

export const retriesSchema = z.int().min(0).max(1_000)
export const backoffSchema = z.union([
  z.array(durationSchema).min(1),
  z.strictObject({
    initial: durationSchema.optional(),
    factor: z.number().min(1).max(100).optional(),
    max: durationSchema.optional(),
    jitter: z.number().min(0).max(1).optional(),
  }),
])

function isDuration(value: unknown): boolean {
  try {
    parseDuration(value as Duration)
    return true
  } catch {
    return false
  }
}
