import type { Check } from '../records/doctor.ts'

/** No release is older. */
const BORN = Date.UTC(2026, 0, 1)
const APART_MS = 5_000
const YEARS = 20 * 365 * 86_400_000

/** Timers that follow the wall clock are due by it. `origin`: when the process began, by either clock. */
export function clockCheck(now: number, origin: number, sinceOrigin = performance.now()): Check {
  const name = 'clock'
  if (now < BORN || now > BORN + YEARS) {
    return {
      ...{ name, status: 'failed', what: `it says ${new Date(now).toISOString()}` },
      fix: 'Set the clock of this machine: `sleepUntil` and schedules go by it.',
    }
  }
  const apart = Math.round(now - origin - sinceOrigin)
  if (Math.abs(apart) > APART_MS) {
    return {
      ...{ name, status: 'warning', what: `it was set by ${apart} ms while this ran` },
      fix: 'Let a time service slew it; `sleep` counts elapsed time and is not affected.',
    }
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return { name, status: 'ok', what: `${new Date(now).toISOString()}, time zone ${zone}` }
}
