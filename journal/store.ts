import type { KeyRange } from './keys.ts'

/**
 * An ordered key-value store with atomic, durable batches: all that a journal needs of the world.
 * Keys are ordered by their UTF-8 bytes. `storeSuite` in test/conformance says the rest.
 */
export interface Store {
  /** Where it lives, for messages. */
  readonly place: string
  /** An empty batch, to be filled and written. */
  batch(): StoreBatch
  /** The value of a key, if it has one. */
  get(key: string): Promise<Uint8Array | undefined>
  /** The values of several keys, in the order of the keys, read from one consistent view. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Chunks of entries in key order (or its reverse), read from one consistent view. */
  scan(range: KeyRange, options?: ScanOptions): AsyncIterable<readonly StoreEntry[]>
  /** Ends what is under way, and closes it. */
  close(): Promise<void>
}

/** Changes that are made together. */
export interface StoreBatch {
  /** Sets a key to a value, whatever it had. */
  put(key: string, value: Uint8Array): void
  /** Removes a key, if it is there. */
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

/** A key with its value. */
export type StoreEntry = readonly [key: string, value: Uint8Array]

/** Which end to begin with, and how far to go. */
export interface ScanOptions {
  /** From the last key to the first. Default: the other way. */
  readonly reverse?: boolean
  /** How many entries at most. Default: all. */
  readonly limit?: number
  /** How many entries a chunk may have: fewer for those who soon have enough. */
  readonly chunk?: number
}
