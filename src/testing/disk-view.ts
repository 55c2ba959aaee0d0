import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions } from '../../journal/store.ts'
import type { DiskWrite } from './disk-faults.ts'
import type { Before } from './medium.ts'
import { Rows } from './rows.ts'

/**
 * The rows as one opening of a disk sees them: those on it, but for what it holds in memory only, or
 * does not know to be there. Both come of failed writes alone.
 */
export class DiskView {
  readonly #rows: Rows
  readonly #own = new Map<string, Uint8Array | undefined>()

  constructor(rows: Rows) {
    this.#rows = rows
  }

  get(key: string): Uint8Array | undefined {
    return this.#own.has(key) ? this.#own.get(key) : this.#rows.get(key)
  }

  between(range: KeyRange, options: ScanOptions = {}): [string, Uint8Array][] {
    if (this.#own.size === 0) return this.#rows.between(range, options)
    const seen = new Rows()
    for (const [key, value] of this.#rows.between(range)) seen.set(key, value)
    for (const [key, value] of this.#own) {
      if (value === undefined) seen.delete(key)
      else seen.set(key, value)
    }
    return seen.between(range, options)
  }

  /** What has just reached the disk is not seen. */
  overlook(before: Before): void {
    for (const [key, value] of before) this.#own.set(key, value)
  }

  /** This is seen, and reaches no disk. */
  imagine({ puts, dels }: DiskWrite): void {
    for (const key of dels) this.#own.set(key, undefined)
    for (const [key, value] of puts) this.#own.set(key, value)
  }
}
