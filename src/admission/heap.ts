/** Not in a heap. */
export const OUT = -1

/** What a heap holds. Of one heap at a time, which alone writes `at`; it begins as `OUT`. */
export interface Heaped {
  at: number
}

/** A binary heap whose members know their index, so that any of them can be moved or removed. */
export class Heap<T extends Heaped> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  /** Adds it, or finds its place anew after its order has changed. */
  put(item: T): void {
    if (item.at === OUT) item.at = this.#items.push(item) - 1
    this.#settle(item)
  }

  /** Of this heap, or of none: then nothing happens. */
  remove(item: T): boolean {
    const { at } = item
    if (at === OUT) return false
    const last = this.#items.pop()!
    item.at = OUT
    if (last === item) return true
    this.#items[at] = last
    last.at = at
    this.#settle(last)
    return true
  }

  #settle(item: T): void {
    const items = this.#items
    let { at } = item
    for (let up = (at - 1) >> 1; at > 0 && this.#before(item, items[up]!); up = (at - 1) >> 1) {
      this.#write(items[up]!, at)
      at = up
    }
    for (let down = this.#lesser(2 * at + 1); down < items.length; ) {
      if (!this.#before(items[down]!, item)) break
      this.#write(items[down]!, at)
      at = down
      down = this.#lesser(2 * at + 1)
    }
    this.#write(item, at)
  }

  // Of the two below one place, the first of which is this; or beyond the end.
  #lesser(left: number): number {
    const right = left + 1
    if (right >= this.#items.length) return left
    return this.#before(this.#items[right]!, this.#items[left]!) ? right : left
  }

  #write(item: T, at: number): void {
    this.#items[at] = item
    item.at = at
  }
}
