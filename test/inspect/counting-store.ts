import type { ScanOptions, Store, StoreEntry } from '../../journal/store.ts'
import { memoryStore } from '../journal/sample-store.ts'

/** How much was read of a store. */
export interface Reads {
  /** Keys that were asked for one by one. */
  gets: number
  /** Rows that scans came across. */
  rows: number
  /** Where scans began. */
  readonly scans: string[]
}

/** A store in memory that counts what is read of it. */
export async function countingStore(): Promise<{ readonly store: Store; readonly reads: Reads }> {
  const inner = await memoryStore()
  const reads: Reads = { gets: 0, rows: 0, scans: [] }
  const store: Store = {
    place: inner.place,
    batch: () => inner.batch(),
    get: key => {
      reads.gets++
      return inner.get(key)
    },
    getMany: keys => {
      reads.gets += keys.length
      return inner.getMany(keys)
    },
    async *scan(range, options?: ScanOptions): AsyncGenerator<readonly StoreEntry[]> {
      reads.scans.push(range.gte)
      for await (const chunk of inner.scan(range, options)) {
        reads.rows += chunk.length
        yield chunk
      }
    },
    close: () => inner.close(),
  }
  return { store, reads }
}

/** What is read while something is done. */
export async function readsOf(reads: Reads, work: () => Promise<unknown>): Promise<Reads> {
  const { gets, rows, scans } = reads
  const before = scans.length
  await work()
  return { gets: reads.gets - gets, rows: reads.rows - rows, scans: scans.slice(before) }
}
