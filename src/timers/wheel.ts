import { Bitmap } from './bitmap.ts'
import { Dial } from './dial.ts'
import { release, Slot } from './slot.ts'
import { Timer } from './timer.ts'

// Slot 0 holds what was due when it was inserted; the slots of the dial follow, in time order.
const OVERDUE = 0
const DIAL = 1
// Ordering more timers than this is left to the finer slots: cheaper than sorting them.
const CROWD = 64

/**
 * A hierarchical timer wheel: which timers are due, and when to ask again.
 *
 * Pure: it has no clock and does nothing by itself. The caller arms one alarm for `nextExpiry()`,
 * calls `advance(now)` when it rings, and asks again. Inserting and removing cost the same however
 * many timers there are, time in which no timer is due costs nothing, and a timer moves at most
 * once for each of the dial's levels.
 *
 * Times are milliseconds since the epoch, whole or fractional, within the safe integers; others
 * throw a RangeError.
 *
 * Between calls: the dial stands at or before now; a timer is overdue or in the slot that the dial
 * names for its due; all but the overdue are due after now. So equal dues share one slot, whose
 * list keeps the order in which they were inserted.
 */
export class Wheel<T> {
  #now: number
  readonly #dial: Dial
  readonly #slots: readonly Slot<T>[]
  readonly #occupied: Bitmap
  #size = 0

  constructor(now: number) {
    this.#now = checked(now)
    this.#dial = new Dial(now)
    this.#slots = Array.from({ length: DIAL + Dial.slots }, (_, index) => new Slot<T>(index))
    this.#occupied = new Bitmap(this.#slots.length)
  }

  /** How many timers neither fired nor were removed. */
  get size(): number {
    return this.#size
  }

  /** A `due` that has passed is no error: the timer fires at the next advance. */
  insert(due: number, item: T): Timer<T> {
    const timer = new Timer(checked(due), item)
    this.#put(timer, due <= this.#now ? OVERDUE : DIAL + this.#dial.slotOf(due))
    this.#size++
    return timer
  }

  /** False if the timer fired before, was removed before, or is of another wheel. */
  remove(timer: Timer<T>): boolean {
    const { slot } = timer
    if (slot === undefined || this.#slots[slot.index] !== slot) return false
    slot.remove(timer)
    if (slot.size === 0) this.#occupied.delete(slot.index)
    this.#size--
    return true
  }

  /**
   * When to advance next; undefined without timers. It is the due of the earliest timer, or, after
   * an earlier one was removed, at worst that one's: the advance then fires nothing and makes the
   * next answer exact.
   */
  nextExpiry(): number | undefined {
    return this.#earliestSlot()?.earliest
  }

  /**
   * Moves the time to `now` and takes out every timer due by then, ordered by due, then insertion.
   * A `now` before the last one fires nothing and leaves the time where it was.
   */
  advance(now: number): readonly Timer<T>[] {
    const fired: Timer<T>[] = []
    if (checked(now) < this.#now) return fired
    this.#now = now
    let slot = this.#earliestSlot()
    while (slot !== undefined && slot.earliest <= now) {
      this.#open(slot, fired)
      slot = this.#earliestSlot()
    }
    this.#size -= fired.length
    return fired
  }

  #earliestSlot(): Slot<T> | undefined {
    return this.#slots[this.#occupied.least()]
  }

  // With the dial turned to its slot's first due, a timer belongs to a finer slot. What is due by
  // now skips the finer ones and fires, unless it stands in a crowd.
  #open(slot: Slot<T>, fired: Timer<T>[]): void {
    const { index, size, earliest } = slot
    const spread = size > CROWD && index >= DIAL + Dial.fine
    const until = spread ? Number.NEGATIVE_INFINITY : this.#now
    if (index !== OVERDUE) this.#dial.turnTo(earliest)
    this.#occupied.delete(index)
    const begin = fired.length
    let ordered = true
    let last = earliest
    for (let timer = slot.cut(), after = timer; timer !== undefined; timer = after) {
      after = timer.after
      release(timer)
      if (timer.due > until) this.#put(timer, DIAL + this.#dial.slotOf(timer.due))
      else {
        ordered &&= last <= timer.due
        last = timer.due
        fired.push(timer)
      }
    }
    if (!ordered) sortFrom(begin, fired)
  }

  #put(timer: Timer<T>, index: number): void {
    this.#slots[index]!.append(timer)
    this.#occupied.add(index)
  }
}

// The sort is stable, so equal dues stay in the order of insertion.
function sortFrom<T>(begin: number, fired: Timer<T>[]): void {
  const unordered = fired.splice(begin)
  for (const timer of unordered.sort((a, b) => a.due - b.due)) fired.push(timer)
}

function checked(time: number): number {
  if (Math.abs(time) <= Number.MAX_SAFE_INTEGER) return time
  throw new RangeError(`a time is milliseconds within the safe integers, not ${time}`)
}
