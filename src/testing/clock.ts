import type { Clock } from '../ports/clock.ts'

interface Ringing {
  readonly at: number
  readonly order: number
  readonly ring: () => void
}

/** A clock that stands still until it is told otherwise. The wall may jump; elapsed time may not. */
export class VirtualClock implements Clock {
  #wall: number
  #elapsed = 0
  #order = 0
  #alarms: Ringing[] = []

  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall
  }

  wall(): number {
    return this.#wall
  }

  elapsed(): number {
    return this.#elapsed
  }

  alarm(ms: number, ring: () => void): () => void {
    const ringing = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, ring }
    this.#alarms.push(ringing)
    return () => {
      this.#alarms = this.#alarms.filter(other => other !== ringing)
    }
  }

  /** The next moment of elapsed time at which something is to ring. */
  next(): number | undefined {
    return this.#earliest()?.at
  }

  /** Lets time pass up to the next alarm, or by `most` if none is due before. Rings it. */
  pass(most: number): number {
    const earliest = this.#earliest()
    const ms = Math.min(most, Math.max(0, (earliest?.at ?? Infinity) - this.#elapsed))
    this.#wall += ms
    this.#elapsed += ms
    if (earliest !== undefined && earliest.at <= this.#elapsed) {
      this.#alarms = this.#alarms.filter(other => other !== earliest)
      earliest.ring()
    }
    return ms
  }

  /** The wall clock is set; no time passes. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** The process is gone: nothing rings any more. */
  forget(): void {
    this.#alarms = []
  }

  #earliest(): Ringing | undefined {
    let earliest: Ringing | undefined
    for (const alarm of this.#alarms) {
      if (earliest === undefined || alarm.at < earliest.at) earliest = alarm
    }
    return earliest
  }
}
