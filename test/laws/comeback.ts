import { unseal } from '../../journal/envelope.ts'
import { keys } from '../../journal/keys.ts'
import type { Recovery } from '../../journal/recovery.ts'
import type { DiskWrite } from '../../src/testing/disk.ts'

/** From this death in a row on, an opening lets runs in group by group. */
const SUSPICIOUS = 2

/** A group of runs that may come to life together. */
export interface Group {
  /** Its place among those of its opening. */
  readonly place: number
  /** The elapsed time of the world when it was let in; infinite as long as it is not. */
  readonly since: number
}

/** In which order an opening lets its runs in, as it says on disk. */
export class Comeback {
  #groups = 0
  readonly #groupOf = new Map<string, Group>()
  /** Those that no group named: they come all at once, in the end. */
  #others: Group = { place: 0, since: 0 }

  /** A commit has reached the disk. */
  see({ puts, dels }: DiskWrite, isOpening: boolean, now: number): void {
    if (isOpening) this.#begin(now)
    if (dels.includes(keys.recovery)) this.#end(now)
    const row = puts.get(keys.recovery)
    if (row === undefined) return
    const { deaths, trying } = unseal(keys.recovery, row).body as Recovery
    if (isOpening) {
      if (deaths >= SUSPICIOUS) this.#others = { place: Infinity, since: Infinity }
    } else if (trying.length === 0) {
      this.#end(now)
    } else {
      const group = { place: ++this.#groups, since: now }
      for (const run of trying) this.#groupOf.set(run, group)
    }
  }

  groupOf(run: string): Group {
    return this.#groupOf.get(run) ?? this.#others
  }

  #begin(now: number): void {
    this.#groups = 0
    this.#groupOf.clear()
    this.#others = { place: 0, since: now }
  }

  #end(now: number): void {
    const { place, since } = this.#others
    this.#others = { place, since: Math.min(since, now) }
  }
}
