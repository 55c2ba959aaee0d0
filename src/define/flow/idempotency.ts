import type { Place } from '../place.ts'
import { type Key, keyAt } from './key.ts'

/** One run a value of the key, as data. */
export interface Idempotency {
  readonly key: Key
  /** Milliseconds from the first run on: 24 hours. */
  readonly period: number
}

const PERIOD = 86_400_000

/** Throws DEFINITION_INVALID. */
export const idempotencyAt = (option: unknown, place: Place): Idempotency => ({
  key: keyAt(option, place),
  period: PERIOD,
})
