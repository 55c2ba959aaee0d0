import { Cron } from 'croner'

/** When a cron expression occurs in a time zone. */
export interface Calendar {
  /**
   * The first nominal time strictly after `after`, in ms and on a whole second; undefined when
   * there is none before the year 3000. The same answer always: it looks at no clock.
   */
  next(after: number): number | undefined
}

/**
 * Reads an expression of five fields (minute, hour, day of month, month, day of week), of six with
 * seconds in front, or a name such as `@hourly`. Throws RangeError, naming the field.
 *
 * Where clocks are put forward or back, times of day keep their place in the day and rhythms keep
 * their distance:
 * - Seconds, minutes and hours without `*` or step (`30 2 * * *`, `0 2,14 * * *`) are times of day.
 *   One that the day leaves out occurs at the first moment after the gap, once however many were
 *   left out; one that the day has twice occurs the first time only. Only when the gap takes the
 *   rest of the day with it is it left out.
 * - All others (`@hourly`, `0,30 * * * *`, `0 8-18/2 * * *`) are rhythms: they leave out what the
 *   day leaves out, and occur both times in an hour that the day has twice.
 *
 * Not to be kept: a calendar takes 80 kB, and less time to make than to ask.
 */
export function calendar(expression: string, tz: string): Calendar {
  const cron = parse(expression, tz)
  // To be asked the same twice in a row is common, and the answer is slow work.
  let last: { readonly after: number; readonly next: number | undefined } | undefined
  return {
    next(after) {
      if (last?.after !== after) last = { after, next: cron.nextRun(new Date(after))?.getTime() }
      return last.next
    },
  }
}

const FIELDS = ['second', 'minute', 'hour', 'day of month', 'month', 'day of week']

function parse(expression: string, tz: string): Cron {
  const fields = expression.split(' ')
  if (!expression.startsWith('@') && fields.length !== 5 && fields.length !== 6) {
    throw new RangeError('it has to have five fields, or six with seconds in front')
  }
  // With a colon the library takes it for a date.
  if (expression.includes(':')) throw new RangeError("a field cannot contain ':'")
  try {
    return compile(expression, tz)
  } catch (error) {
    const names = FIELDS.slice(-fields.length)
    const at = fields.findIndex((_, index) => !isField(fields, index))
    const place = at < 0 ? '' : `the ${names[at]} "${fields[at]}": `
    throw new RangeError(place + reasonOf(error), { cause: error })
  }
}

const compile = (expression: string, tz: string): Cron =>
  new Cron(expression, {
    fixedTimeRule: 'no-wildcard',
    // An offset is found without the slow work that a zone needs.
    ...(tz === 'UTC' ? { utcOffset: 0 } : { timezone: tz }),
  })

function isField(fields: readonly string[], index: number): boolean {
  try {
    compile(fields.map((field, at) => (at === index ? field : '*')).join(' '), 'UTC')
    return true
  } catch {
    return false
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
