import type { Record } from '../../journal/entry.ts'
import type { AddedRecord } from '../../journal/group.ts'
import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { SHORT } from './gist.ts'
import { newestFirst } from './newest.ts'

/** Runs that are remembered: some more than a list has, if nothing else is asked for. */
const MOST = 128
/** Bytes of records that are remembered of a run: more are read where they lie. */
const MOST_BYTES = 8_192
/** After so long without a list it is forgotten, on the clock of the records. */
const KEPT_MS = 60_000

/** A run as its newest durable record left it. */
export interface Remembered {
  readonly head: Head
  /** All of them; absent: they are too many. */
  readonly records: readonly Record[] | undefined
}

/**
 * The runs that were scheduled last, with their records, from the first list on that somebody asks for:
 * whoever looks at a busy engine again and again wants those that he has not seen, and these have just
 * been written. Nobody else pays for it.
 */
export class Recent {
  readonly #journal: Pick<Journal, 'follow' | 'tip'>
  // In the order in which they were scheduled.
  readonly #runs = new Map<string, Kept>()
  /** All others were scheduled then, or before. */
  #floor = 0
  #asked = 0
  #leave: (() => void) | undefined

  constructor(journal: Pick<Journal, 'follow' | 'tip'>) {
    this.#journal = journal
  }

  /**
   * The newest runs, newest first, of those that are wanted: so many, or all that were scheduled since
   * a time. Nothing: more of them than are remembered may have to be looked at.
   */
  newest(
    limit: number,
    wanted: (head: Head) => boolean,
    since = Number.NEGATIVE_INFINITY,
  ): readonly Remembered[] | undefined {
    this.#begin()
    const found: Kept[] = []
    for (const kept of this.#runs.values()) if (wanted(kept.head)) found.push(kept)
    found.sort((a, b) => newestFirst(a.head, b.head))
    const last = found[limit - 1]
    if (last === undefined ? since <= this.#floor : last.head.createdAt <= this.#floor) {
      return undefined
    }
    return found.slice(0, limit)
  }

  #begin(): void {
    const { at } = this.#journal.tip
    this.#asked = at
    if (this.#leave !== undefined) return
    // Whatever comes from now on it is told of, and nothing else was scheduled later.
    this.#floor = at
    this.#leave = this.#journal.follow((_, added, removed) => {
      for (const run of removed) this.#runs.delete(run)
      for (const each of added) this.#add(each)
      this.#forgetOld()
    })
  }

  #add({ record, head, sealed }: AddedRecord): void {
    const { run, seq } = record
    if (seq === 0) {
      this.#runs.set(run, new Kept({ run, ...head }, record, sealed.length))
      return
    }
    this.#runs.get(run)?.goOn({ run, ...head }, record, sealed.length)
  }

  #forgetOld(): void {
    if (this.#journal.tip.at - this.#asked > KEPT_MS) {
      this.#leave?.()
      this.#leave = undefined
      this.#runs.clear()
      return
    }
    for (const [run, { head }] of this.#runs) {
      if (this.#runs.size <= MOST) return
      this.#runs.delete(run)
      this.#floor = Math.max(this.#floor, head.createdAt)
    }
  }
}

class Kept implements Remembered {
  head: Head
  records: Record[] | undefined
  #bytes = 0

  constructor(head: Head, record: Record, bytes: number) {
    this.head = head
    this.records = []
    this.goOn(head, record, bytes)
  }

  goOn(head: Head, record: Record, bytes: number): void {
    this.head = head
    this.#bytes += bytes
    if (this.#bytes > MOST_BYTES || head.seq > SHORT) this.records = undefined
    this.records?.push(record)
  }
}
