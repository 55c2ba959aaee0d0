import { type Bucket, Entry } from './bucket.ts'

/**
 * The one ref under a tag, null if there are several entries, undefined if there is none. These are
 * told from a ref by the pointer alone: what it points to would be a cache miss more.
 */
export type Cell<Ref extends object> = Ref | null | undefined

const LEAST = 4

/**
 * The buckets of one shape by their tags: a hash table with open addressing.
 *
 * Different values may share a tag, and so a bucket: among a million, one lookup in a thousand finds
 * one candidate too many. In return no values are kept or compared, and the usual event, which finds
 * one ref, touches one line of memory however large the table is, for the ref stands beside its tag.
 * A `Map` touches several far apart, and among 100,000 waits each of them is a cache miss.
 *
 * Slot i is the tag (undefined if free) at 2i and its cell at 2i + 1. A tag stands in the first slot that was
 * free from its home on (its lowest bits): between the two no slot is free.
 */
export class Table<Ref extends object> {
  #slots: (number | Cell<Ref>)[] = []
  #buckets: (Bucket<Ref> | undefined)[] = []
  #capacity = 0
  #size = 0

  constructor() {
    this.#resize(LEAST)
  }

  /** How many buckets. */
  get size(): number {
    return this.#size
  }

  peek(tag: number): Cell<Ref> {
    return this.#cellAt(this.#find(tag))
  }

  get(tag: number): Bucket<Ref> | undefined {
    return this.#buckets[this.#find(tag)]
  }

  set(tag: number, bucket: Bucket<Ref>): void {
    const slot = this.#find(tag)
    if (this.#tagAt(slot) === undefined) this.#size++
    this.#write(slot, tag, cellOf(bucket), bucket)
    if (this.#size > 0.8 * this.#capacity) this.#resize(2 * this.#capacity)
  }

  delete(tag: number): void {
    const slot = this.#find(tag)
    if (this.#tagAt(slot) === undefined) return
    this.#vacate(slot)
    this.#size--
    if (this.#size < 0.125 * this.#capacity && this.#capacity > LEAST) {
      this.#resize(this.#capacity / 2)
    }
  }

  /** Where the tag stands, or the free slot where it would. */
  #find(tag: number): number {
    let slot = this.#home(tag)
    while (this.#tagAt(slot) !== tag && this.#tagAt(slot) !== undefined) {
      slot = this.#home(slot + 1)
    }
    return slot
  }

  // Whoever stands behind the hole, up to the next free slot, and has its home at it or before it,
  // moves into it and leaves a hole where it was.
  #vacate(slot: number): void {
    let hole = slot
    let next = this.#home(hole + 1)
    for (let tag = this.#tagAt(next); tag !== undefined; tag = this.#tagAt(next)) {
      const fromHome = this.#home(next - this.#home(tag))
      if (fromHome >= this.#home(next - hole)) {
        this.#write(hole, tag, this.#cellAt(next), this.#buckets[next])
        hole = next
      }
      next = this.#home(next + 1)
    }
    this.#write(hole, undefined, undefined, undefined)
  }

  // It copies the cells: to make them anew it would have to look at every bucket.
  #resize(capacity: number): void {
    const slots = this.#slots
    const buckets = this.#buckets
    this.#capacity = capacity
    this.#slots = new Array(2 * capacity)
    this.#buckets = new Array(capacity)
    for (let slot = 0; slot < buckets.length; slot++) {
      const tag = slots[2 * slot] as number | undefined
      if (tag === undefined) continue
      this.#write(this.#find(tag), tag, slots[2 * slot + 1] as Cell<Ref>, buckets[slot])
    }
  }

  #write(
    slot: number,
    tag: number | undefined,
    cell: Cell<Ref>,
    bucket: Bucket<Ref> | undefined,
  ): void {
    this.#slots[2 * slot] = tag
    this.#slots[2 * slot + 1] = cell
    this.#buckets[slot] = bucket
  }

  #tagAt(slot: number): number | undefined {
    return this.#slots[2 * slot] as number | undefined
  }

  #cellAt(slot: number): Cell<Ref> {
    return this.#slots[2 * slot + 1] as Cell<Ref>
  }

  /** The capacity is a power of two, so this is also how far it is around from one slot to another. */
  #home(tag: number): number {
    return tag & (this.#capacity - 1)
  }
}

function cellOf<Ref extends object>(bucket: Bucket<Ref>): Ref | null {
  return bucket instanceof Entry ? bucket.ref : null
}
