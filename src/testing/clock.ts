import type { AlarmPurpose, Clock } from '../ports/clock.ts'

interface Ringing {
  readonly at: number
  readonly ring: () => void
  readonly isUpkeep: boolean
}

/** What the wall clock has made due by being set, upkeep finds out within this. */
const LOOK = 60_000

/** A clock that stands still until it is told otherwise. The wall may jump; elapsed time may not. */
export class VirtualClock implements Clock {
  #wall: number
  #elapsed = 0
  #alarms: Ringing[] = []
  /** Until then, on the elapsed clock, upkeep is waited for. */
  #unsettled = 0
  #isFrozen = false

  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall
  }

  wall(): number {
    return this.#wall
  }

  elapsed(): number {
    return this.#elapsed
  }

  alarm(ms: number, ring: () => void, purpose?: AlarmPurpose): () => void {
    const at = this.#elapsed + Math.max(0, ms)
    const ringing = { at, ring, isUpkeep: purpose === 'upkeep' }
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

  /** In how many milliseconds of elapsed time something rings that somebody waits for. */
  get untilNext(): number | undefined {
    const earliest = this.#earliest(this.#elapsed < this.#unsettled)
    return earliest && Math.max(0, earliest.at - this.#elapsed)
  }

  /**
   * Lets time pass at once, as if the machine had slept. What is overdue then rings, in its order.
   * Returns whether anything did.
   */
  skip(ms: number): boolean {
    if (!this.#isFrozen) this.#wall += ms
    this.#elapsed += ms
    const due = this.#alarms.filter(({ at }) => at <= this.#elapsed)
    for (const alarm of due.sort((a, b) => a.at - b.at)) {
      if (!this.#alarms.includes(alarm)) continue
      this.#alarms = this.#alarms.filter(other => other !== alarm)
      alarm.ring()
    }
    return due.length > 0
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** The wall clock stands still while time passes, until it is thawed. */
  freeze(): void {
    this.#isFrozen = true
  }

  /** The wall clock goes with time again. */
  thaw(): void {
    if (this.#isFrozen) this.#unsettled = this.#elapsed + LOOK
    this.#isFrozen = false
  }

  /** The wall clock is set; no time passes. */
  jump(ms: number): void {
    this.#wall += ms
    this.#unsettled = this.#elapsed + LOOK
  }

  /** The process is gone: nothing rings any more. */
  forget(): void {
    this.#alarms = []
  }

  #earliest(withUpkeep = true): Ringing | undefined {
    let earliest: Ringing | undefined
    for (const alarm of this.#alarms) {
      if (alarm.isUpkeep && !withUpkeep) continue
      if (earliest === undefined || alarm.at < earliest.at) earliest = alarm
    }
    return earliest
  }
}
