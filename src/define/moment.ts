import { types } from 'node:util'
import { misfit } from './given-text.ts'
import { isoTime } from './iso-time.ts'
import { type Place, refusal } from './place.ts'

/** A date, its ISO 8601 text (a time of day with its zone), or milliseconds since the epoch. */
export type Moment = Date | string | number

const FARTHEST = 8.64e15

/** Milliseconds since the epoch. Throws DEFINITION_INVALID for what is no moment, or may be several. */
export function momentAt(moment: unknown, place: Place): number {
  const ms = types.isDate(moment) ? moment.getTime() : moment
  if (typeof ms === 'number' && Math.abs(ms) <= FARTHEST) return ms
  const read = typeof moment === 'string' ? isoTime(moment) : 'unreadable'
  switch (read) {
    case 'unreadable':
      throw refused(moment, 'is not a moment.', place)
    case 'absent':
      throw refused(moment, 'is a day or a time that there is not.', place)
    default:
      if (read.isZoned) return read.ms
      throw refused(moment, 'names no time zone: each machine would take it for another.', place)
  }
}

const refused = (moment: unknown, fault: string, place: Place) =>
  refusal(
    place,
    misfit(moment, fault),
    "Give a Date, milliseconds since the epoch, or ISO 8601: '2026-01-31T09:00:00Z', " +
      "'2026-01-31T09:00:00+01:00', '2026-01-31' (midnight UTC).",
  )
