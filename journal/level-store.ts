import type { AbstractLevel } from 'abstract-level'
import type { KeyRange } from './keys.ts'
import type { ScanOptions, Store, StoreBatch, StoreEntry } from './store.ts'

export type LevelDatabase = AbstractLevel<string | Buffer | Uint8Array, string, Uint8Array>

export interface LevelStoreOptions {
  readonly place: string
  readonly db: LevelDatabase
  /** Whether a write waits for the disk, not only for the operating system. */
  readonly sync: boolean
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

  constructor(options: LevelStoreOptions) {
    this.place = options.place
    this.#db = options.db
    this.#options = options
  }

  // A chained batch hands each pair to LevelDB at once: a tenth of the cost of an array of them.
  batch(): StoreBatch {
    const batch = this.#db.batch()
    const { sync, fence } = this.#options
    return {
      put: (key, value) => void batch.put(key, value),
      del: key => void batch.del(key),
      write: async () => {
        fence()
        await batch.write({ sync })
        fence()
      },
      discard: () => batch.close(),
    }
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#db.get(key)
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<readonly StoreEntry[]> {
    const iterator = this.#db.iterator({ ...range, ...options, ...READ_AHEAD })
    try {
      for (;;) {
        const chunk = await iterator.nextv(CHUNK)
        if (chunk.length === 0) return
        yield chunk
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
