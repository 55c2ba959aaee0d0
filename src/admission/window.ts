import { isBefore, type Rank } from './lane.ts'

export interface Keyed extends Rank {
  readonly key: string
}

/** A line is read so many at a time, and at most twice as many of it are kept in memory. */
export const WINDOW = 64

/**
 * The front of a line that lies on disk, in order of rank and place. What is told to it has been
 * written: an item is inserted when its row can be read, and removed when it no longer can.
 *
 * All that waits up to the edge is in memory, all that waits beyond it is on disk only. The edge
 * stands where the last reading or trimming left it, also when all before it has gone: so what comes
 * with an earlier rank is known to be first without a look at the disk.
 */
export class Window<T extends Keyed> {
  readonly #most: number
  #items: T[] = []
  #count: number
  /** 'none': nothing is known yet; 'end': nothing is beyond it. */
  #edge: Rank | 'none' | 'end'
  #reading: { readonly late: Map<string, T>; readonly gone: Set<string> } | undefined

  /** `count` wait on disk already, of which nothing has been read. */
  constructor(count = 0, most = WINDOW) {
    this.#count = count
    this.#most = most
    this.#edge = count === 0 ? 'end' : 'none'
  }

  /** All that waits, in memory or not. */
  get count(): number {
    return this.#count
  }

  /** How many are in memory. */
  get size(): number {
    return this.#items.length
  }

  /** Undefined while nothing waits, and while it must be read from disk. */
  get first(): T | undefined {
    return this.#items[0]
  }

  /** Whether there is more on disk, nothing in memory, and no reading has begun. */
  get needsReading(): boolean {
    return this.#items.length === 0 && this.#count > 0 && this.#reading === undefined
  }

  /** Beyond what is to be read; undefined: from the beginning. */
  get after(): Rank | undefined {
    return typeof this.#edge === 'string' ? undefined : this.#edge
  }

  insert(item: T): void {
    const isFull = this.#count === this.#items.length
    this.#count++
    if (isFull) this.#edge = 'end'
    if (!this.#isWithin(item)) {
      this.#reading?.late.set(item.key, item)
      return
    }
    this.#items.splice(this.#placeOf(item), 0, item)
    this.#trim()
  }

  /** Takes the first out. */
  shift(): T | undefined {
    const first = this.#items.shift()
    if (first !== undefined) this.#count--
    return first
  }

  /** Expects one that waits, in memory or not. False if it is known that it does not. */
  remove(key: string): boolean {
    const at = this.#items.findIndex(item => item.key === key)
    if (at !== -1) this.#items.splice(at, 1)
    else if (this.#count === this.#items.length) return false
    else {
      this.#reading?.late.delete(key)
      this.#reading?.gone.add(key)
    }
    this.#count--
    return true
  }

  /** Begins to read from `after` on: what changes from now on may or may not be among what is read. */
  beginReading(): Rank | undefined {
    this.#reading = { late: new Map(), gone: new Set() }
    return this.after
  }

  /** What was read, in order: the first after `after`. `isAll`: there was no more. */
  fill(read: readonly T[], isAll: boolean): void {
    const { late, gone } = this.#reading ?? { late: new Map<string, T>(), gone: new Set<string>() }
    this.#reading = undefined
    const last = read.at(-1)
    if (this.#edge !== 'end') {
      if (isAll) this.#edge = 'end'
      else if (last !== undefined) this.#edge = { rank: last.rank, place: last.place }
      const kept = read.filter(({ key }) => !late.has(key) && !gone.has(key))
      for (const item of late.values()) if (this.#isWithin(item)) kept.push(item)
      this.#items.push(...kept.sort((a, b) => (isBefore(a, b) ? -1 : 1)))
    }
    this.#trim()
  }

  /** A reading failed: another one may begin. */
  failReading(): void {
    this.#reading = undefined
    this.#trim()
  }

  #isWithin(item: Rank): boolean {
    if (this.#edge === 'none') return false
    return this.#edge === 'end' || !isBefore(this.#edge, item)
  }

  // While it reads, what is being read must not be let go of again.
  #trim(): void {
    if (this.#reading !== undefined || this.#items.length < 2 * this.#most) return
    this.#items.length = this.#most
    const { rank, place } = this.#items[this.#most - 1]!
    this.#edge = { rank, place }
  }

  #placeOf(item: Rank): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(this.#items[middle]!, item)) low = middle + 1
      else high = middle
    }
    return low
  }
}
