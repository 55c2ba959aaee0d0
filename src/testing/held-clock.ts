import type { AlarmPurpose, Clock } from '../ports/clock.ts'

interface Alarm {
  readonly at: number
  readonly ring: () => void
}

/** A clock that is set to any moment without anything ringing: what is due rings when it is told to. */
export class HeldClock implements Clock {
  #wall: number
  #elapsed = 0
  #alarms: Alarm[] = []

  constructor(wall: number) {
    this.#wall = wall
  }

  wall(): number {
    return this.#wall
  }

  elapsed(): number {
    return this.#elapsed
  }

  alarm(ms: number, ring: () => void, purpose?: AlarmPurpose): () => void {
    // That an attempt took too long is told like every other end of one.
    if (purpose === 'timeout') return () => {}
    const alarm = { at: this.#elapsed + Math.max(0, ms), ring }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter(other => other !== alarm)
    }
  }

  /** Shows this on the wall, after so much time has passed. */
  set(wall: number, passed: number): void {
    this.#wall = wall
    this.#elapsed += passed
  }

  /** In how many milliseconds the next alarm is due. */
  get untilNext(): number | undefined {
    if (this.#alarms.length === 0) return undefined
    return Math.min(...this.#alarms.map(({ at }) => at)) - this.#elapsed
  }

  /** Rings what is due by now, in its order. */
  ring(): void {
    const due = this.#alarms.filter(({ at }) => at <= this.#elapsed)
    this.#alarms = this.#alarms.filter(({ at }) => at > this.#elapsed)
    for (const { ring } of due.sort((a, b) => a.at - b.at)) ring()
  }
}
