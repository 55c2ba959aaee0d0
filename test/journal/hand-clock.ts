import type { Clock } from 'perdure'

export interface HandClock extends Clock {
  /** Lets time pass, ringing what is due on the way. */
  advance(ms: number): void
}

/** A clock that stands still until it is told how much time has passed. */
export function handClock(start: number): HandClock {
  let now = start
  let alarms: { readonly at: number; readonly ring: () => void }[] = []
  const due = (until: number) =>
    alarms.filter(alarm => alarm.at <= until).sort((a, b) => a.at - b.at)[0]
  return {
    wall: () => now,
    elapsed: () => now - start,
    alarm(ms, ring) {
      const alarm = { at: now + Math.max(0, ms), ring }
      alarms.push(alarm)
      const callOff = (): void => {
        alarms = alarms.filter(other => other !== alarm)
      }
      if (ms <= 0) {
        setImmediate(() => {
          if (!alarms.includes(alarm)) return
          callOff()
          ring()
        })
      }
      return callOff
    },
    advance(ms) {
      const until = now + ms
      for (let next = due(until); next !== undefined; next = due(until)) {
        const { at, ring } = next
        alarms = alarms.filter(alarm => alarm !== next)
        now = Math.max(now, at)
        ring()
      }
      now = until
    },
  }
}
