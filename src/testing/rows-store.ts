import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions, Store, StoreEntry } from '../../journal/store.ts'

/** Rows a store hands out at a time. */
const CHUNK = 256

/** Rows in memory as a store that is only read, as they are now: a simulated disk, a snapshot. */
export class RowsStore implements Store {
  readonly place = 'rows in memory'
  readonly #rows: ReadonlyMap<string, Uint8Array>
  readonly #sorted: readonly StoreEntry[]

  constructor(rows: ReadonlyMap<string, Uint8Array>) {
    this.#rows = new Map(rows)
    this.#sorted = [...rows].sort(([a], [b]) => byBytes(a, b))
  }

  batch(): never {
    throw new Error('these rows are only read')
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#rows.get(key)
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return keys.map(key => this.#rows.get(key))
  }

  async *scan({ gte, lt }: KeyRange, options: ScanOptions = {}): AsyncGenerator<StoreEntry[]> {
    const inside = this.#sorted.slice(this.#firstFrom(gte), this.#firstFrom(lt))
    if (options.reverse) inside.reverse()
    const most = Math.min(options.limit ?? inside.length, inside.length)
    for (let at = 0; at < most; at += CHUNK) yield inside.slice(at, Math.min(most, at + CHUNK))
  }

  async close(): Promise<void> {}

  /** Where the first row is whose key is not less. */
  #firstFrom(key: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      const row = this.#sorted[middle]
      if (row !== undefined && byBytes(row[0], key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
