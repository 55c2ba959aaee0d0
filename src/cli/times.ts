import { spanText } from '../../journal/span.ts'
import type { Looks } from './looks.ts'

const UNITS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const SPAN = /^(\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/

const ISO = /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?$/

const dayOf = (ms: number): string => isoText(ms).slice(0, 10)

/** A span such as `1h30m`, in ms; `undefined`: it is none. */
export function parseSpan(text: string): number | undefined {
  if (!SPAN.test(text)) return undefined
  let ms = 0
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    ms += Number(count) * (UNITS[unit] ?? 0)
  }
  return ms
}

/** A moment: so long ago (`24h`), or ISO 8601: a date (in UTC), or a date, a time and its zone. */
export function parseMoment(text: string, now: number): number | undefined {
  const span = parseSpan(text)
  if (span !== undefined) return Math.max(0, now - span)
  const [, day] = ISO.exec(text) ?? []
  // JavaScript takes the 30th of February for a day in March.
  const isDay = day !== undefined && dayOf(Date.parse(day)) === day
  const ms = isDay ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** A span as people say it: its two largest units. `3m 11s`, `1.9s`, `224ms`. */
export function tookText(ms: number): string {
  const rounded = Math.max(0, Math.round(ms))
  if (rounded < 1_000) return `${rounded}ms`
  if (rounded < 10_000) return `${Math.floor(rounded / 100) / 10}s`
  const [first = '', second = ''] =
    spanText(Math.floor(rounded / 1_000) * 1_000).match(/\d+[a-z]+/g) ?? []
  return second === '' ? first : `${first} ${second}`
}

/** A moment as the looks want it. `12s ago`, `in 3m`, ISO 8601, or ms since the epoch. */
export function momentIn(ms: number, now: number, { time }: Pick<Looks, 'time'>): string {
  if (time === 'epoch') return String(ms)
  if (time === 'iso') return isoText(ms)
  const span = tookText(Math.abs(now - ms))
  return ms > now ? `in ${span}` : `${span} ago`
}

/** ISO 8601 in UTC. Dates end in the year 275760, and a journal may hold any number. */
export const isoText = (ms: number): string =>
  Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms}ms`
