import type { Timer } from './timer.ts'

/** The timers of one stretch of time, a linked list in the order in which they were inserted. */
export class Slot<T> {
  readonly index: number
  #first: Timer<T> | undefined
  #last: Timer<T> | undefined
  // Exact until a removal; after one it may be too early, never too late.
  #size = 0
  #earliest = Number.POSITIVE_INFINITY

  constructor(index: number) {
    this.index = index
  }

  /** A time at or before every due in here; infinity when empty. */
  get earliest(): number {
    return this.#earliest
  }

  get size(): number {
    return this.#size
  }

  append(timer: Timer<T>): void {
    timer.slot = this
    timer.before = this.#last
    if (this.#last === undefined) this.#first = timer
    else this.#last.after = timer
    this.#last = timer
    this.#size++
    if (timer.due < this.#earliest) this.#earliest = timer.due
  }

  remove(timer: Timer<T>): void {
    const { before, after } = timer
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    release(timer)
    if (--this.#size === 0) this.#earliest = Number.POSITIVE_INFINITY
  }

  /** Cuts the whole list off and returns its first timer; who walks it releases each timer. */
  cut(): Timer<T> | undefined {
    const first = this.#first
    this.#first = undefined
    this.#last = undefined
    this.#size = 0
    this.#earliest = Number.POSITIVE_INFINITY
    return first
  }
}

/** Takes a timer off its list: one that somebody still holds must not keep its neighbours alive. */
export function release<T>(timer: Timer<T>): void {
  timer.slot = undefined
  timer.before = undefined
  timer.after = undefined
}
