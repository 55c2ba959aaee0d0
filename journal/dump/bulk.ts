import type { Store, StoreBatch } from '../store.ts'

/** How many rows, and how many bytes of them, go to the store at once. */
const ROWS = 2_000
const BYTES = 4 << 20

/** Writes into a store that was empty, in batches: only all of them together are a journal. */
export class Bulk implements StoreBatch {
  readonly #store: Store
  #batch: StoreBatch
  #rows = 0
  #bytes = 0

  constructor(store: Store) {
    this.#store = store
    this.#batch = store.batch()
  }

  put(key: string, value: Uint8Array): void {
    this.#batch.put(key, value)
    this.#rows++
    this.#bytes += value.length
  }

  /** What is not there yet need not go. */
  del(): void {}

  get isFull(): boolean {
    return this.#rows >= ROWS || this.#bytes >= BYTES
  }

  /** Hands on what there is, and goes on. */
  async write(): Promise<void> {
    if (this.#rows === 0) return
    await this.#batch.write()
    this.#batch = this.#store.batch()
    this.#rows = 0
    this.#bytes = 0
  }

  discard(): Promise<void> {
    return this.#batch.discard()
  }
}
