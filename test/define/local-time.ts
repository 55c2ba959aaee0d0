/** Local time in a zone as Intl tells it, for models that scan: no cron library in sight. */

const MINUTE = 60_000
/** Every zone used here changes its clocks on a half hour of UTC. */
const STEP = 30 * MINUTE

/** Local wall time at an instant, written as the UTC instant with the same digits. */
export type LocalTime = (instant: number) => number

export function localTimeIn(tz: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: tz,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const offsets = new Map<number, number>()
  const offsetAt = (instant: number): number => {
    const start = Math.floor(instant / STEP) * STEP
    const known = offsets.get(start)
    if (known !== undefined) return known
    const parts = new Map(format.formatToParts(start).map(part => [part.type, Number(part.value)]))
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? Number.NaN
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
    )
    offsets.set(start, local - start)
    return local - start
  }
  return instant => instant + offsetAt(instant)
}

/** Nominal times of a five-field expression after one instant and up to another, found by looking at every minute. */
export function scan(
  expression: string,
  tz: LocalTime,
  after: number,
  until: number,
  most: number,
): number[] {
  const matches = matcher(expression)
  const isTimeOfDay = !/[*/]/.test(expression.split(' ').slice(0, 2).join(' '))
  const found: number[] = []
  for (let at = Math.floor(after / MINUTE + 1) * MINUTE; at <= until; at += MINUTE) {
    if (isTimeOfDay ? isFirstChance(matches, tz, at) : matches(tz(at))) found.push(at)
    if (found.length === most) break
  }
  return found
}

/** Whether a time of day is due: the first of its two minutes, or the one behind the gap it is in. */
function isFirstChance(matches: (local: number) => boolean, tz: LocalTime, at: number): boolean {
  const local = tz(at)
  for (let lost = tz(at - MINUTE) + MINUTE; lost < local; lost += MINUTE) {
    if (matches(lost) && sameDay(lost, local)) return true
  }
  if (!matches(local)) return false
  for (let back = STEP; back <= 4 * STEP; back += STEP) if (tz(at - back) === local) return false
  return true
}

const sameDay = (a: number, b: number): boolean =>
  Math.floor(a / 86_400_000) === Math.floor(b / 86_400_000)

function matcher(expression: string): (local: number) => boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.split(' ')
  const minutes = numbers(minute, 0, 59)
  const hours = numbers(hour, 0, 23)
  const days = numbers(day, 1, 31)
  const months = numbers(month, 1, 12)
  const weekdays = numbers(weekday, 0, 6)
  return local => {
    const date = new Date(local)
    if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false
    if (!months.has(date.getUTCMonth() + 1)) return false
    const isDay = days.has(date.getUTCDate())
    const isWeekday = weekdays.has(date.getUTCDay())
    return day === '*' || weekday === '*' ? isDay && isWeekday : isDay || isWeekday
  }
}

function numbers(field: string, least: number, most: number): Set<number> {
  const all = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [from = 0, to = from] = range === '*' ? [least, most] : range.split('-').map(Number)
    for (let n = from; n <= to; n += Number(step)) all.add(n)
  }
  return all
}
