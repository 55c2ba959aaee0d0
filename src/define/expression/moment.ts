import { parseDuration } from '../duration.ts'
import { EngineError } from '../error.ts'
import { isoTime } from '../iso-time.ts'
import { Failure } from './failure.ts'
import { Span, timeOf } from './value.ts'

/** `timestamp("2024-01-02T03:04:05Z")`, or seconds since 1970 as CEL has it. */
export const timestamp = (value: unknown): Date =>
  typeof value === 'number' ? dateAt(value * 1_000) : momentOf(value, 'timestamp')

/** `date("2024-01-02")`, or milliseconds since 1970 as in an event's `ts`. */
export const date = (value: unknown): Date => momentOf(value, 'date')

function momentOf(value: unknown, name: string): Date {
  if (value instanceof Date) return dateAt(timeOf(value))
  if (typeof value === 'number') return dateAt(value)
  if (typeof value !== 'string') throw new Failure(`${name} takes a string or a number`)
  // Without a zone it is UTC: the machine's own is not the same everywhere.
  const time = isoTime(value)
  if (time === 'unreadable') throw new Failure(`${name} takes an ISO 8601 time`)
  return dateAt(time === 'absent' ? Number.NaN : time.ms)
}

export function dateAt(ms: number): Date {
  const moment = new Date(ms)
  if (Number.isNaN(moment.getTime())) throw new Failure('there is no such time')
  return moment
}

/** `duration("1h30m")`, or milliseconds. */
export function span(value: unknown): Span {
  if (value instanceof Span) return value
  if (typeof value === 'number' && Number.isFinite(value)) return new Span(value)
  if (typeof value !== 'string' || value.length > 100)
    throw new Failure('duration takes a string such as "1h30m", or milliseconds')
  try {
    return new Span(parseDuration(value))
  } catch (error) {
    if (error instanceof EngineError) throw new Failure(error.message.replace(/\.$/, ''))
    throw error
  }
}
