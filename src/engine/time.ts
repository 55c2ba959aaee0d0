import type { Clock } from '../ports/clock.ts'
import type { Instant, Moment } from '../run/retry.ts'

/**
 * The engine's time, in whole milliseconds. `at` is the wall clock, except that it never goes back
 * along the journal. `elapsed` continues where the journal left off and counts only time that
 * passed, whatever the wall clock does.
 */
export class Time {
  readonly #clock: Clock
  readonly #begun: number
  readonly #base: number
  #newest: number
  #held: Moment | undefined

  constructor(clock: Clock, since: Moment) {
    this.#clock = clock
    this.#begun = clock.elapsed()
    this.#base = since.elapsed
    this.#newest = since.at
  }

  /** Time for a record. */
  stamp(): Moment {
    if (this.#held !== undefined) return this.#held
    this.#newest = Math.max(this.#newest, Math.floor(this.#clock.wall()))
    return { at: this.#newest, elapsed: this.elapsed() }
  }

  /**
   * From now on all that is recorded is of this moment: what has its time before it is written may be
   * overtaken, and must not come behind what is later.
   */
  hold(): void {
    this.#held = this.stamp()
  }

  release(): void {
    this.#held = undefined
  }

  elapsed(): number {
    return Math.floor(this.#base + this.#clock.elapsed() - this.#begun)
  }

  /** The clocks as they are, for what is due. */
  now(): Instant {
    return { wall: Math.floor(this.#clock.wall()), elapsed: this.elapsed() }
  }
}
