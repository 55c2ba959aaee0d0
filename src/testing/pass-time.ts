import type { VirtualClock } from './clock.ts'

/** Alarms that may ring without any time passing. */
const MOST_RINGS = 10_000

/** Lets time pass, and everything happen that comes due on the way, each at its moment. */
export async function passTime(
  clock: VirtualClock,
  ms: number,
  settle: () => Promise<void>,
): Promise<void> {
  let left = ms
  for (let rings = 0; ; rings++) {
    const span = Math.min(left, clock.untilNext ?? left)
    rings = span > 0 ? 0 : rings
    if (rings > MOST_RINGS) throw new Error('Timers fire again and again without time passing.')
    clock.skip(span)
    left -= span
    await settle()
    if (left === 0 && clock.untilNext !== 0) return
  }
}
