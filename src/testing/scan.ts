import type { StoreEntry } from '../../journal/store.ts'

/** Chunks of rows, one after another. A class: to make objects with a computed key is slow. */
export class Scan implements AsyncIterableIterator<readonly StoreEntry[], undefined> {
  readonly next: () => Promise<IteratorResult<readonly StoreEntry[], undefined>>

  constructor(next: Scan['next']) {
    this.next = next
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
