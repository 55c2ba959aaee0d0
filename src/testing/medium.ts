import type { DiskWrite } from './disk-faults.ts'
import { Rows } from './rows.ts'

/** Values as they were before a write. */
export type Before = ReadonlyMap<string, Uint8Array | undefined>

/** What lies on a disk. Writes reach it whole and in their order. */
export class Medium {
  /** As they are found by who opens it next, unless the power is cut. */
  readonly rows = new Rows()
  /** Keys whose values are damaged so that it shows when they are read. */
  readonly unreadable = new Set<string>()
  /** What a power cut may undo, oldest first. */
  #unsynced: Before[] = []

  /** Writes that were not synced: a cut of the power leaves any number of them, the oldest first. */
  get unsynced(): number {
    return this.#unsynced.length
  }

  /** A write that is synced: it stays. */
  write({ puts, dels }: DiskWrite): void {
    for (const key of dels) this.rows.delete(key)
    for (const [key, value] of puts) this.rows.set(key, value)
    if (this.unreadable.size > 0)
      for (const key of [...dels, ...puts.keys()]) this.unreadable.delete(key)
  }

  /** Gives the values that it replaces. */
  writeUnsynced(write: DiskWrite): Before {
    const before = new Map<string, Uint8Array | undefined>()
    for (const key of [...write.dels, ...write.puts.keys()]) before.set(key, this.rows.get(key))
    this.#unsynced.push(before)
    this.write(write)
    return before
  }

  /** The power is cut: of the writes that were not synced only the first so many are left. */
  undo(kept: number): void {
    for (const before of this.#unsynced.splice(kept).reverse()) {
      for (const [key, value] of before) {
        if (value === undefined) this.rows.delete(key)
        else this.rows.set(key, value)
      }
    }
  }

  /** An opening writes what it finds in the log into tables: that is there to stay. */
  recover(): void {
    this.#unsynced = []
  }

  /** Flips bits of one byte of a value. */
  rot(key: string, at: number, bits: number): void {
    const value = this.rows.get(key)
    if (value === undefined) throw new Error(`there is no row ${key}`)
    const rotten = Uint8Array.from(value)
    rotten[at] = (rotten[at] ?? 0) ^ bits
    this.rows.set(key, rotten)
  }
}
