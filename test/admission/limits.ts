import type { Lane } from '../../src/admission/lane.ts'
import type { Limit } from '../../src/admission/limit.ts'
import type { Turnstile } from '../../src/admission/turnstile.ts'

/** Limits by their ids; one that is not there has room. */
type Limits = ReadonlyMap<string, Limit>

export const limitsOf = (ids: readonly string[], limits: Limits): Limit[] =>
  ids.flatMap(id => limits.get(id) ?? [])

/** Somebody leaves who has passed. */
export function leave<L extends Lane>(
  turnstile: Turnstile<L>,
  limits: Limits,
  ids: readonly string[],
): void {
  for (const limit of limitsOf(ids, limits)) limit.leave()
  for (const id of ids) turnstile.wake(id)
}

/** What a throttle knows. */
export interface Pace {
  /** When the next may go, were none to go before; not after `now`: at once. */
  nextAt(now: number): number
  take(now: number): void
}

/** So many in a time: nobody takes up room, so nobody gives it back. */
export class PacedLimit implements Limit {
  readonly #pace: Pace

  constructor(pace: Pace) {
    this.#pace = pace
  }

  roomAt(now: number): number {
    return this.#pace.nextAt(now)
  }

  take(now: number): void {
    this.#pace.take(now)
  }

  leave(): void {}
}

/** Nobody until a time. */
export class PauseLimit implements Limit {
  /** 0: not paused. Infinity: until it is resumed. Who shortens it wakes those that wait for it. */
  until: number

  constructor(until = 0) {
    this.until = until
  }

  roomAt(): number {
    return this.until
  }

  take(): void {}

  leave(): void {}
}
