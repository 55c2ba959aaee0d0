import { Bitmap } from './bitmap.ts'
import { Dial } from './dial.ts'
import { NOWHERE, Slots } from './slots.ts'
import type { Timer } from './timer.ts'

// Slot 0 holds what was due when it was inserted; the slots of the dial follow, in time order.
const OVERDUE = 0
const DIAL = 1
// Ordering more timers than this is left to the finer slots: cheaper than sorting them.
const CROWD = 64
const NOTHING: readonly never[] = Object.freeze([])

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
  readonly #slots: Slots<T>
  readonly #occupied: Bitmap
  // The places of what fires now. Kept from one advance to the next: most fire a timer or two, and
  // a new array for those is more work than the rest.
  #due: number[] = []

  constructor(now: number) {
    this.#now = checked(now)
    this.#dial = new Dial(now)
    this.#slots = new Slots<T>(DIAL + Dial.slots)
    this.#occupied = new Bitmap(DIAL + Dial.slots)
  }

  /** How many timers neither fired nor were removed. */
  get size(): number {
    return this.#slots.size
  }

  /** A `due` that has passed is no error: the timer fires at the next advance. */
  insert(due: number, item: T): Timer<T> {
    const timer = this.#slots.take(checked(due), item)
    this.#put(timer.place, due, due <= this.#now ? OVERDUE : DIAL + this.#dial.slotOf(due))
    return timer
  }

  /** False if the timer fired before, was removed before, or is of another wheel. */
  remove(timer: Timer<T>): boolean {
    const slots = this.#slots
    if (!slots.has(timer)) return false
    const slot = slots.remove(timer.place)
    if (slots.count(slot) === 0) this.#occupied.delete(slot)
    return true
  }

  /**
   * When to advance next; undefined without timers. It is the due of the earliest timer, or, after
   * an earlier one was removed, at worst that one's: the advance then fires nothing and makes the
   * next answer exact.
   */
  nextExpiry(): number | undefined {
    const slot = this.#occupied.least()
    return slot < 0 ? undefined : this.#slots.earliest(slot)
  }

  /**
   * Moves the time to `now` and takes out every timer due by then, ordered by due, then insertion.
   * A `now` before the last one fires nothing and leaves the time where it was.
   */
  advance(now: number): readonly Timer<T>[] {
    if (checked(now) < this.#now) return NOTHING
    this.#now = now
    let slot = this.#occupied.least()
    if (slot < 0 || this.#slots.earliest(slot) > now) return NOTHING
    let count = 0
    for (; slot >= 0 && this.#slots.earliest(slot) <= now; slot = this.#occupied.least()) {
      count = this.#open(slot, count)
    }
    const fired = new Array<Timer<T>>(count)
    for (let at = 0; at < count; at++) fired[at] = this.#slots.vacate(this.#due[at]!)
    if (count > CROWD) this.#due = []
    return fired
  }

  // With the dial turned to its slot's first due, a timer belongs to a finer slot. What is due by
  // now skips the finer ones and fires, unless it stands in a crowd. Returns where #due ends now.
  #open(slot: number, begin: number): number {
    const slots = this.#slots
    const spread = slots.count(slot) > CROWD && slot >= DIAL + Dial.fine
    const until = spread ? Number.NEGATIVE_INFINITY : this.#now
    if (slot !== OVERDUE) this.#dial.turnTo(slots.earliest(slot))
    this.#occupied.delete(slot)
    let end = begin
    let ordered = true
    let last = Number.NEGATIVE_INFINITY
    for (let place = slots.cut(slot), after = place; place !== NOWHERE; place = after) {
      after = slots.after(place)
      const time = slots.due(place)
      if (time > until) this.#put(place, time, DIAL + this.#dial.slotOf(time))
      else {
        ordered &&= last <= time
        last = time
        this.#due[end++] = place
      }
    }
    if (!ordered) this.#sort(begin, end)
    return end
  }

  // Both sorts are stable, so equal dues stay in the order of insertion.
  #sort(begin: number, end: number): void {
    const slots = this.#slots
    const due = this.#due
    if (end - begin > CROWD) {
      const places = due.slice(begin, end).sort((a, b) => slots.due(a) - slots.due(b))
      for (let at = begin; at < end; at++) due[at] = places[at - begin]!
      return
    }
    for (let next = begin + 1; next < end; next++) {
      const place = due[next]!
      const time = slots.due(place)
      let at = next
      for (; at > begin && slots.due(due[at - 1]!) > time; at--) due[at] = due[at - 1]!
      due[at] = place
    }
  }

  #put(place: number, due: number, slot: number): void {
    this.#slots.append(slot, place, due)
    this.#occupied.add(slot)
  }
}

function checked(time: number): number {
  if (Math.abs(time) <= Number.MAX_SAFE_INTEGER) return time
  throw new RangeError(`a time is milliseconds within the safe integers, not ${time}`)
}
