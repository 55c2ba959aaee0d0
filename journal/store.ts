import type { KeyRange } from './keys.ts'

/**
 * An ordered key-value store with atomic, durable batches: all that a journal needs of the world.
 * Keys are ordered by their UTF-8 bytes. `storeSuite` in test/conformance says the rest.
 */
export interface Store {
  /** Where it lives, for messages. */
  readonly place: string
  batch(): StoreBatch
  get(key: string): Promise<Uint8Array | undefined>
  /** Chunks of entries in key order (or its reverse), read from one consistent view. */
  scan(range: KeyRange, options?: ScanOptions): AsyncIterable<readonly StoreEntry[]>
  close(): Promise<void>
}

export interface StoreBatch {
  put(key: string, value: Uint8Array): void
  del(key: string): void
  /**
   * All or nothing. Resolves when it is as durable as the store was opened to be, and only if no
   * other owner has taken the store over (the fence). After a rejection the batch may or may not
   * be there, and nothing more may be written to this store.
   */
  write(): Promise<void>
  /** Gives the batch up unwritten. */
  discard(): Promise<void>
}

export type StoreEntry = readonly [key: string, value: Uint8Array]

export interface ScanOptions {
  readonly reverse?: boolean
  readonly limit?: number
}
