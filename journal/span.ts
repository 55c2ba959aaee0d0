const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** A span of time as one writes it: `1h30m`, `250ms`. */
export function spanText(ms: number): string {
  let rest = Math.max(0, Math.round(ms))
  let text = ''
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0ms' : text
}

/** A moment in UTC. Dates end in the year 275760, and a journal may hold any number. */
export const momentText = (ms: number): string =>
  Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms}ms`
