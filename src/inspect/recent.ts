import type { Record } from '../../journal/entry.ts'
import type { AddedRecord } from '../../journal/group.ts'
import type { Head, HeadBody } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { newestFirst } from './newest.ts'

/** Runs of which all is remembered: some more than a list has, if nothing else is asked for. */
const RUNS = 128
/** Records that are remembered at most, and bytes of them. */
const RECORDS = 2_048
const BYTES = 1 << 20
/** After so long without a list they are forgotten, on the clock of the records. */
const KEPT_MS = 60_000

/** A run as its newest durable record left it. */
export interface Remembered {
  readonly head: Head
  /** All that it has. */
  readonly records: readonly Record[]
}

/**
 * The runs that were scheduled last, with their records, from the first list on that somebody asks for:
 * whoever looks at a busy engine again and again wants those that he has not seen, and these have just
 * been written. Nobody else pays for it, and a turn next to nothing: what is remembered are the last
 * commits as they are told, and it is sorted out when it is asked for.
 */
export class Recent {
  readonly #journal: Pick<Journal, 'follow' | 'tip'>
  #commits: Remnant[] = []
  /** Where they begin: those before were forgotten. */
  #first = 0
  #size: Size = { runs: 0, records: 0, bytes: 0 }
  /** Runs that are not among them were scheduled then, or before. */
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
    const found = this.#runs().filter(({ head }) => wanted(head))
    found.sort((a, b) => newestFirst(a.head, b.head))
    const last = found[limit - 1]
    const isAll = last === undefined ? since > this.#floor : last.head.createdAt > this.#floor
    return isAll ? found.slice(0, limit) : undefined
  }

  #begin(): void {
    const { at } = this.#journal.tip
    this.#asked = at
    if (this.#leave !== undefined) return
    // It is told of all that becomes durable from now on.
    this.#floor = at
    this.#leave = this.#journal.follow((_, added, removed) => this.#take(added, removed))
  }

  #take(added: readonly AddedRecord[], removed: readonly string[]): void {
    const { at } = this.#journal.tip
    if (at - this.#asked > KEPT_MS) return this.#forget()
    const size = sizeOf(added, removed)
    if (size.records === 0) return
    const remnant = { at, added, removed, ...size }
    this.#commits.push(remnant)
    count(this.#size, remnant, 1)
    while (isTooMuch(this.#size)) this.#dropFirst()
  }

  #dropFirst(): void {
    const first = this.#commits[this.#first]
    if (first === undefined) return
    this.#first++
    this.#floor = first.at
    count(this.#size, first, -1)
    if (this.#first < this.#commits.length / 2) return
    this.#commits = this.#commits.slice(this.#first)
    this.#first = 0
  }

  #forget(): void {
    this.#leave?.()
    this.#leave = undefined
    this.#commits = []
    this.#first = 0
    this.#size = { runs: 0, records: 0, bytes: 0 }
  }

  /** Those whose first record is among what is remembered: so all others are. */
  #runs(): Remembered[] {
    const runs = new Map<string, Sorted>()
    for (const { added, removed } of this.#commits.slice(this.#first)) {
      // An id that was removed may have been given again, but not in the same commit.
      for (const run of removed) runs.delete(run)
      for (const { record, head } of added) {
        const { run, seq } = record
        const known = runs.get(run)
        if (seq === 0) runs.set(run, { run, head, records: [record] })
        else if (known !== undefined) {
          known.head = head
          known.records.push(record)
        }
      }
    }
    return Array.from(runs.values(), ({ run, head, records }) => ({
      head: { run, ...head },
      records,
    }))
  }
}

interface Sorted {
  readonly run: string
  head: HeadBody
  readonly records: Record[]
}

interface Size {
  runs: number
  records: number
  bytes: number
}

/** What is remembered of a commit. `at`: nothing in it is later. */
interface Remnant extends Readonly<Size> {
  readonly at: number
  readonly added: readonly AddedRecord[]
  readonly removed: readonly string[]
}

function sizeOf(added: readonly AddedRecord[], removed: readonly string[]): Size {
  const size = { runs: 0, records: added.length + removed.length, bytes: 0 }
  for (const each of added) {
    if (each.record.seq === 0) size.runs++
    size.bytes += each.sealed.length
  }
  return size
}

function count(size: Size, { runs, records, bytes }: Readonly<Size>, sign: 1 | -1): void {
  size.runs += sign * runs
  size.records += sign * records
  size.bytes += sign * bytes
}

const isTooMuch = ({ runs, records, bytes }: Size): boolean =>
  runs > RUNS || records > RECORDS || bytes > BYTES
