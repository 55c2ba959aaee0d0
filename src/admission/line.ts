import { Heap, type Heaped, OUT } from './heap.ts'
import { isBefore, type Rank } from './lane.ts'

/** One of a line, to take it out by. */
export interface Standing<T extends Rank> extends Heaped {
  readonly item: T
}

/** What waits, in order of rank and place, all of it in memory. Each change costs O(log n). */
export class Line<T extends Rank> {
  readonly #heap = new Heap<Standing<T>>((a, b) => isBefore(a.item, b.item))

  get size(): number {
    return this.#heap.size
  }

  get first(): T | undefined {
    return this.#heap.first?.item
  }

  push(item: T): Standing<T> {
    const standing = { item, at: OUT }
    this.#heap.put(standing)
    return standing
  }

  /** Takes the first out. */
  shift(): T | undefined {
    const { first } = this.#heap
    if (first === undefined) return undefined
    this.#heap.remove(first)
    return first.item
  }

  /** False if it is no longer in the line. Expects one of this line. */
  remove(standing: Standing<T>): boolean {
    return this.#heap.remove(standing)
  }
}
