import { EngineError } from './error.ts'
import { givenText } from './given-text.ts'

/** Milliseconds, or `'1h30m'`, `'250ms'`, `'2d'`, or ISO 8601 such as `'PT1H30M'`. */
export type Duration = number | string

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const SHORT = /^(\d+(?:\.\d+)?(?:ms|[smhdw]))+$/
const PART = /(\d+(?:\.\d+)?)(ms|[smhdw])/g
const ISO = /^P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const LONGEST = 1_000 * 366 * UNITS.d

/**
 * A duration in milliseconds. Throws DURATION_INVALID for anything that is negative, longer than
 * 1,000 years, of no fixed length (months, years) or not a duration.
 */
export function parseDuration(duration: Duration): number {
  const ms = milliseconds(duration)
  const fault = faultOf(duration, ms)
  if (fault !== undefined) throw invalid(duration, fault)
  return ms
}

export const NO_DURATION = 'it is not a duration'

/** Why a value is no duration; undefined if it is one. */
export const durationFault = (value: unknown): string | undefined =>
  faultOf(value, milliseconds(value))

/** NaN for what is no duration. */
const milliseconds = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'string' ? parseText(value) : Number.NaN

function faultOf(value: unknown, ms: number): string | undefined {
  if (Number.isNaN(ms)) return typeof value === 'string' ? reasonFor(value) : NO_DURATION
  if (ms < 0) return 'a duration cannot be negative'
  return ms > LONGEST ? 'it is longer than 1,000 years' : undefined
}

function parseText(text: string): number {
  if (SHORT.test(text)) {
    let ms = 0
    for (const [, amount, unit] of text.matchAll(PART)) {
      ms += Number(amount) * UNITS[unit as keyof typeof UNITS]
    }
    return ms
  }
  const iso = ISO.exec(text)
  if (iso === null) return Number.NaN
  const [w, d, h, m, s] = iso.slice(1).map(part => Number(part ?? 0)) as FiveNumbers
  return w * UNITS.w + d * UNITS.d + h * UNITS.h + m * UNITS.m + s * UNITS.s
}

type FiveNumbers = [number, number, number, number, number]

function reasonFor(text: string): string {
  if (/^\s*-/.test(text)) return 'a duration cannot be negative'
  if (/mo|month|y/i.test(text) || /^P[^T]*[YM]/.test(text)) return 'months and years vary in length'
  return NO_DURATION
}

const invalid = (duration: unknown, reason: string): EngineError =>
  new EngineError('DURATION_INVALID', `${givenText(duration)}: ${reason}.`, {
    hint: "Write milliseconds as a number, '250ms', '1h30m', '2d', '1w', or 'PT1H30M'.",
    facts: { duration },
  })
