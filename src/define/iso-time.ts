/** A text in ISO 8601 as a moment. Without a zone it is taken for UTC. */
export interface IsoTime {
  /** Milliseconds since the epoch. */
  readonly ms: number
  /** Whether the text leaves no doubt: a date alone is midnight UTC, a time of day needs its zone. */
  readonly isZoned: boolean
}

const DATE = /(?<year>\d{4}|[+-]\d{6})-(?<month>\d\d)-(?<day>\d\d)/
const TIME = /(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?/
const ZONE = /(?<zone>[Zz]|(?<sign>[+-])(?<hours>\d\d):?(?<minutes>\d\d))/
const ISO = new RegExp(`^${DATE.source}(?:[Tt ]${TIME.source}${ZONE.source}?)?$`)
const LONGEST = 40

/**
 * `2026-01-31`, `2026-01-31T09:00Z`, `2026-01-31T09:00:00.000+01:00`. `'unreadable'`: it is not
 * written so. `'absent'`: it is, and there is no such day or time, as on the 30th of February;
 * JavaScript takes that for one in March.
 */
export function isoTime(text: string): IsoTime | 'unreadable' | 'absent' {
  const parts = text.length > LONGEST ? undefined : ISO.exec(text)?.groups
  if (parts === undefined) return 'unreadable'
  const { hour, zone, sign, fraction = '' } = parts
  const number = (part: string): number => Number(parts[part] ?? 0)
  const date = [number('year'), number('month') - 1, number('day')] as const
  const time = [number('hour'), number('minute'), number('second')] as const
  const moment = new Date(0)
  // Unlike its constructor it does not take the years up to 99 for those of 1900.
  moment.setUTCFullYear(...date)
  moment.setUTCHours(...time, Number(fraction.padEnd(3, '0').slice(0, 3)))
  const [hours, minutes] = [number('hours'), number('minutes')]
  const isThere = moment.getUTCMonth() === date[1] && moment.getUTCDate() === date[2]
  const isTime = time[0] < 24 && time[1] < 60 && time[2] < 60 && hours < 24 && minutes < 60
  const offset = (hours * 60 + minutes) * 60_000 * (sign === '-' ? -1 : 1)
  const ms = moment.getTime() - offset
  if (!isThere || !isTime || Number.isNaN(new Date(ms).getTime())) return 'absent'
  return { ms, isZoned: hour === undefined || zone !== undefined }
}
