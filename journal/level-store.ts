import type { AbstractLevel } from 'abstract-level'
import { corrupt } from './envelope.ts'
import { closedError } from './error.ts'
import type { KeyRange } from './keys.ts'
import type { ScanOptions, Store, StoreBatch, StoreEntry } from './store.ts'

export type LevelDatabase = AbstractLevel<string | Buffer | Uint8Array, string, Uint8Array>

export interface LevelStoreOptions {
  readonly place: string
  readonly db: LevelDatabase
  /** Whether a write waits for the disk, not only for the operating system. */
  readonly sync: boolean
  /** The database keeps the very bytes it is given, and hands them out. */
  readonly aliases?: boolean
  /** Throws when another owner has taken the store over. Asked before and after each write. */
  readonly fence: () => void
  readonly release: () => Promise<void>
}

const CHUNK = 1_000
// The default of 16 KiB makes LevelDB cross into JavaScript far too often on a long read.
const READ_AHEAD = { highWaterMarkBytes: 1 << 20 }

/** A store on any abstract-level database: LevelDB on disk, or memory. */
export class LevelStore implements Store {
  readonly place: string
  readonly #db: LevelDatabase
  readonly #options: LevelStoreOptions
  readonly #own: (value: Uint8Array) => Uint8Array

  constructor(options: LevelStoreOptions) {
    this.place = options.place
    this.#db = options.db
    this.#options = options
    this.#own = options.aliases ? value => Uint8Array.from(value) : value => value
  }

  // A chained batch hands each pair to LevelDB at once: a tenth of the cost of an array of them.
  batch(): StoreBatch {
    const batch = this.#db.batch()
    const { sync, fence } = this.#options
    return {
      put: (key, value) => void batch.put(key, this.#own(value)),
      del: key => void batch.del(key),
      write: async () => {
        fence()
        await batch.write({ sync })
        fence()
      },
      discard: () => batch.close(),
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      const value = await this.#db.get(key)
      return value && this.#own(value)
    } catch (error) {
      throw readFault(this.place, key, error)
    }
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    try {
      const values = await this.#db.getMany([...keys])
      return this.#options.aliases ? values.map(value => value && this.#own(value)) : values
    } catch (error) {
      throw readFault(this.place, keys.join(', '), error)
    }
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<readonly StoreEntry[]> {
    try {
      yield* this.#chunks(range, options)
    } catch (error) {
      throw readFault(this.place, range.gte, error)
    }
  }

  async *#chunks(
    range: KeyRange,
    { chunk: size = CHUNK, ...options }: ScanOptions,
  ): AsyncGenerator<readonly StoreEntry[]> {
    const iterator = this.#db.iterator({ ...range, ...options, ...READ_AHEAD })
    try {
      for (;;) {
        const chunk = await iterator.nextv(size)
        if (chunk.length === 0) return
        yield this.#options.aliases ? chunk.map(([key, value]) => [key, this.#own(value)]) : chunk
      }
    } finally {
      await iterator.close()
    }
  }

  async close(): Promise<void> {
    try {
      await this.#db.close()
    } finally {
      await this.#options.release()
    }
  }
}

/** What LevelDB says when it cannot read, in our terms. Errors that are not LevelDB's pass. */
function readFault(place: string, key: string, cause: unknown): unknown {
  switch (codeOf(cause)) {
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
      return closedError(place, cause)
    case 'LEVEL_CORRUPTION':
    case 'LEVEL_IO_ERROR':
      return corrupt(key, 'LevelDB cannot read it', { cause: String(cause) })
    default:
      return cause
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
