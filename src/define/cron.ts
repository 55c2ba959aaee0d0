import * as z from 'zod'
import { calendar } from './calendar.ts'
import type { CronTrigger } from './cron-trigger.ts'
import { type Duration, parseDuration } from './duration.ts'
import { EngineError } from './error.ts'
import { givenText } from './given-text.ts'
import { choiceSchema, idSchema, optionFaults, optionSchema } from './option-schema.ts'
import { durationSchema } from './retry-schema.ts'

/** What becomes of ticks that came due while nothing could fire them. */
export type Missed = (typeof MISSED)[number]

/** What becomes of a tick while an earlier run of the same schedule is still active. */
export type Overlap = (typeof OVERLAP)[number]

const MISSED = ['skip', 'last', 'all'] as const
const OVERLAP = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow-all'] as const

/** How `cron` makes a schedule of an expression. */
export interface CronOptions<Data = unknown> {
  /** An IANA zone such as `'Europe/Paris'`. Default `'UTC'`, whatever the machine is set to. */
  readonly tz?: string
  /**
   * After downtime, or a clock put forward: `'skip'` fires nothing that is more than a minute late,
   * `'last'` the newest missed tick only, `'all'` each of them, oldest first. Default `'last'`.
   */
  readonly missed?: Missed
  /**
   * While a run of this schedule is active, a tick is skipped (`'skip'`), or waits for the run to
   * end (`'buffer-one'` keeps the newest such tick, `'buffer-all'` all of them), or cancels the run
   * and starts when that has ended (`'cancel-other'`), or starts a run beside it (`'allow-all'`).
   * Default `'allow-all'`, as cron itself does it: `concurrency` and `singleton` of the workflow
   * are there to hold runs back, whatever started them.
   */
  readonly overlap?: Overlap
  /**
   * Each tick fires later by a share of this that belongs to the schedule and the tick, never as
   * late as the next one. Default 0.
   */
  readonly jitter?: Duration
  /** Handed to every run it starts, as `event.data.data`. */
  readonly data?: Data
  /**
   * Names the schedule in journals, and its runs: 1 to 128 letters, digits and `_./-`. Default: the
   * id of the workflow, `/`, and the place among its schedules, from 0. A schedule is the same one as
   * long as it keeps its id, whatever else of it changes.
   */
  readonly id?: string
}

const ZONE_NAME = "the name of a time zone such as 'Europe/Paris'"

const optionsSchema = optionSchema('an object such as { tz, missed, overlap, jitter, data, id }', {
  tz: z.string(ZONE_NAME).optional(),
  missed: choiceSchema(MISSED).optional(),
  overlap: choiceSchema(OVERLAP).optional(),
  jitter: durationSchema().optional(),
  data: z.unknown().optional(),
  id: idSchema.optional(),
})

const LONGEST = 255
const ZONE = /^(?:CRON_)?TZ=(\S*) ?/
const NAMES = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/

/**
 * A schedule: five fields, or six with seconds in front, or `@hourly`, `@daily`, `@weekly`,
 * `@monthly`, `@yearly`. The zone is an option, or stands in front as `TZ=Europe/Paris`.
 * `L` is a month's last day, `MON#1` its first Monday, `5L` its last Friday, `15W` the weekday
 * nearest to the 15th. Day of month and day of week together mean either, with `+` before the
 * latter both.
 *
 * In a zone that changes its clocks, a time of day that the day leaves out fires just after the gap,
 * and one that it has twice fires once; with `*` or a step in seconds, minutes or hours it is a
 * rhythm, which leaves out what the day leaves out and goes on through a repeated hour.
 *
 * Throws DEFINITION_INVALID, naming the field or the option: also for what never occurs, such as
 * the 30th of February.
 *
 * @example cron('0 9 * * 1-5', { tz: 'Europe/Paris', missed: 'skip', jitter: '2m' })
 */
export function cron<Data = undefined>(
  expression: string,
  options: CronOptions<Data> = {},
): CronTrigger<Data> {
  const shapeFault = shapeFaultOf(expression, options)
  if (shapeFault !== undefined) throw invalid(expression, shapeFault)
  const { missed = 'last', overlap = 'allow-all', jitter = 0, data, id } = options
  const { fields, zone } = split(expression)
  const tz = zone ?? options.tz ?? 'UTC'
  const fault = zoneFaultOf(tz, options.tz) ?? calendarFaultOf(fields, tz)
  if (fault !== undefined) throw invalid(expression, fault)
  return Object.freeze({
    kind: 'cron',
    expression: fields,
    tz,
    missed,
    overlap,
    jitter: parseDuration(jitter),
    ...(id !== undefined && { id }),
    ...(data !== undefined && { data }),
  })
}

function shapeFaultOf(expression: unknown, options: unknown): string | undefined {
  if (typeof expression !== 'string') return 'the expression is not a text'
  if (expression.length > LONGEST) return `it is longer than ${LONGEST} characters`
  const [fault] = optionFaults(optionsSchema, options)
  return fault
}

function split(expression: string): { fields: string; zone: string | undefined } {
  const text = expression.trim().replace(/\s+/g, ' ')
  const [prefix = '', zone] = ZONE.exec(text) ?? []
  const fields = text.slice(prefix.length)
  return { fields: fields.startsWith('@') ? fields.toLowerCase() : fields, zone }
}

function zoneFaultOf(tz: string, option: string | undefined): string | undefined {
  if (option !== undefined && option !== tz) {
    return `it names the time zone "${tz}", its option tz "${option}"`
  }
  return isZone(tz) ? undefined : `the time zone "${tz}" is not known`
}

function isZone(tz: string): boolean {
  // Newer runtimes take '+02:00' for a zone: what is a schedule here must be one everywhere.
  if (/^[+-]/.test(tz)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: tz })
    return true
  } catch {
    return false
  }
}

function calendarFaultOf(fields: string, tz: string): string | undefined {
  if (fields.startsWith('@') && !NAMES.test(fields)) {
    return `"${fields}" is not among @hourly, @daily, @midnight, @weekly, @monthly, @yearly`
  }
  try {
    // Dates repeat within 400 years: what does not occur from 1970 on never does.
    return calendar(fields, tz).next(0) === undefined ? 'it never occurs' : undefined
  } catch (error) {
    return error instanceof RangeError ? error.message : String(error)
  }
}

function invalid(expression: unknown, fault: string): EngineError {
  const given = typeof expression === 'string' ? JSON.stringify(expression) : givenText(expression)
  return new EngineError('DEFINITION_INVALID', `cron(${given}): ${fault}.`, {
    hint: "Write five fields, as in cron('0 9 * * 1-5', { tz: 'Europe/Paris' }).",
    facts: { expression },
  })
}
