import type { Slot } from './slot.ts'

/**
 * What `Wheel.insert` hands out: the item, when it is due, and the key to remove it again.
 *
 * The timer is itself the list node (80 bytes a timer instead of a node and a handle).
 * `slot`, `before` and `after` belong to the slot that holds it; nobody else writes them.
 */
export class Timer<T> {
  /** Milliseconds since the epoch, fractions kept. */
  readonly due: number
  readonly item: T
  /** Undefined once the timer has fired or was removed. */
  slot: Slot<T> | undefined
  before: Timer<T> | undefined
  after: Timer<T> | undefined

  constructor(due: number, item: T) {
    this.due = due
    this.item = item
    this.slot = undefined
    this.before = undefined
    this.after = undefined
  }
}
