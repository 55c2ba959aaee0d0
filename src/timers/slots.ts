import { Timer } from './timer.ts'

/** No place: the end of a list. */
export const NOWHERE = -1

// A place is three words of 8 bytes: the due, the neighbours' places, the slot. In halves of 4:
const WORDS = 3
const HALVES = 2 * WORDS
const BEFORE = 2
const AFTER = 3
const SLOT = 4
const FIRST_PLACES = 64

/**
 * The timers of each stretch of time, linked lists in the order in which they were inserted.
 *
 * As long as a timer is in here it has a place, a number. What the lists need of it is written at
 * that place, side by side: moving a timer from slot to slot reads one line of the processor's
 * cache, and neither touches the timer itself nor gives the garbage collector links to follow.
 */
export class Slots<T> {
  #timers: (Timer<T> | undefined)[] = []
  #dues = new Float64Array(FIRST_PLACES * WORDS)
  #links = new Int32Array(this.#dues.buffer)
  // The vacant places are a list, by AFTER; those from #fresh on were never taken.
  #vacant = NOWHERE
  #fresh = 0
  #size = 0
  // By slot.
  readonly #first: Int32Array
  readonly #last: Int32Array
  readonly #counts: Int32Array
  readonly #earliest: Float64Array

  constructor(slots: number) {
    this.#first = new Int32Array(slots).fill(NOWHERE)
    this.#last = new Int32Array(slots).fill(NOWHERE)
    this.#counts = new Int32Array(slots)
    this.#earliest = new Float64Array(slots).fill(Number.POSITIVE_INFINITY)
  }

  get size(): number {
    return this.#size
  }

  count(slot: number): number {
    return this.#counts[slot]!
  }

  /** Infinity when empty. Exact until a removal; after one it may be too early, never too late. */
  earliest(slot: number): number {
    return this.#earliest[slot]!
  }

  has(timer: Timer<T>): boolean {
    return this.#timers[timer.place] === timer
  }

  due(place: number): number {
    return this.#dues[place * WORDS]!
  }

  after(place: number): number {
    return this.#links[place * HALVES + AFTER]!
  }

  /** Makes a timer with a place, which is in no slot yet. */
  take(due: number, item: T): Timer<T> {
    const place = this.#vacancy()
    const timer = new Timer(due, item, place)
    this.#dues[place * WORDS] = due
    this.#timers[place] = timer
    this.#size++
    return timer
  }

  append(slot: number, place: number, due: number): void {
    const links = this.#links
    const last = this.#last[slot]!
    links[place * HALVES + BEFORE] = last
    links[place * HALVES + AFTER] = NOWHERE
    links[place * HALVES + SLOT] = slot
    if (last === NOWHERE) this.#first[slot] = place
    else links[last * HALVES + AFTER] = place
    this.#last[slot] = place
    this.#counts[slot]!++
    if (due < this.#earliest[slot]!) this.#earliest[slot] = due
  }

  /** Takes a timer out of its slot, and returns which that was. */
  remove(place: number): number {
    const links = this.#links
    const before = links[place * HALVES + BEFORE]!
    const after = links[place * HALVES + AFTER]!
    const slot = links[place * HALVES + SLOT]!
    if (before === NOWHERE) this.#first[slot] = after
    else links[before * HALVES + AFTER] = after
    if (after === NOWHERE) this.#last[slot] = before
    else links[after * HALVES + BEFORE] = before
    if (--this.#counts[slot]! === 0) this.#earliest[slot] = Number.POSITIVE_INFINITY
    this.vacate(place)
    return slot
  }

  /** Empties the slot and returns its first place; who walks it appends or vacates each. */
  cut(slot: number): number {
    const first = this.#first[slot]!
    this.#first[slot] = NOWHERE
    this.#last[slot] = NOWHERE
    this.#counts[slot] = 0
    this.#earliest[slot] = Number.POSITIVE_INFINITY
    return first
  }

  /** Lets go of a timer that is in no slot any more. */
  vacate(place: number): Timer<T> {
    const timer = this.#timers[place]!
    this.#timers[place] = undefined
    this.#links[place * HALVES + AFTER] = this.#vacant
    this.#vacant = place
    if (--this.#size === 0 && this.#fresh > FIRST_PLACES) this.#beginAnew()
    return timer
  }

  // Gives back the memory of a rush that is over, and the order of the places with it.
  #beginAnew(): void {
    this.#timers = []
    this.#dues = new Float64Array(FIRST_PLACES * WORDS)
    this.#links = new Int32Array(this.#dues.buffer)
    this.#vacant = NOWHERE
    this.#fresh = 0
  }

  #vacancy(): number {
    const place = this.#vacant
    if (place !== NOWHERE) {
      this.#vacant = this.after(place)
      return place
    }
    if (this.#fresh * WORDS === this.#dues.length) {
      const dues = new Float64Array(this.#dues.length * 2)
      dues.set(this.#dues)
      this.#dues = dues
      this.#links = new Int32Array(dues.buffer)
    }
    return this.#fresh++
  }
}
