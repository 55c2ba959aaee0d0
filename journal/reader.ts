import { openQueued, type StoredQueued } from './admission.ts'
import { type Commit, chainHash } from './commit.ts'
import type { Record, TimerClock } from './entry.ts'
import { corrupt, unseal } from './envelope.ts'
import { noSuchRun } from './error.ts'
import type { Head } from './head.ts'
import { HeadReader } from './head-reader.ts'
import { keys, parseKey, type QueuePlace, ranges, type TimerKey } from './keys.ts'
import type { Meta } from './meta.ts'
import type { Store } from './store.ts'

/** A record as it is stored: with the checksum of the run's record before it (0 for the first). */
export interface StoredRecord extends Record {
  readonly link: number
  readonly check: number
}

/** A run that has ended, and when, on the elapsed clock. */
export interface EndedRun {
  readonly run: string
  readonly elapsed: number
}

type RecordBody = Omit<StoredRecord, 'run' | 'seq' | 'check'>

/** Reads of a journal. Each value is checked when it is read; damage throws JOURNAL_CORRUPT. */
export class JournalReader extends HeadReader {
  readonly #store: Store

  constructor(store: Store) {
    super(store)
    this.#store = store
  }

  /** What the journal says of itself. Absent before it was created. */
  async meta(): Promise<Meta | undefined> {
    const value = await this.#store.get(keys.meta)
    return value === undefined ? undefined : (unseal(keys.meta, value).body as Meta)
  }

  /**
   * The run's records up to its head, in order, checked against each other and against the head.
   * Throws RUN_NOT_FOUND if the run was removed after its head was read.
   */
  async *records(head: Head): AsyncGenerator<StoredRecord> {
    let seq = 0
    let link = 0
    const isAll = (): boolean => seq === head.seq && link === head.link
    if (isAll()) return
    for await (const chunk of this.#store.scan(ranges.run(head.run))) {
      for (const [key, value] of chunk) {
        const record = openRecord(key, value)
        if (record.seq !== seq || record.link !== link) {
          throw corrupt(key, `it does not follow the record before it, which ends at ${seq}`)
        }
        seq += record.entries.length
        link = record.check
        yield record
        // The run may have gone on since its head was read.
        if (isAll()) return
      }
    }
    await this.#missing(head, seq)
  }

  /**
   * All records of runs up to their heads, read at once by the keys that they may have: for short
   * runs. `undefined`: they are not what the head counts, and `records` says why.
   */
  async shortRuns(
    heads: readonly Head[],
  ): Promise<readonly (readonly StoredRecord[] | undefined)[]> {
    const rows = heads.flatMap(({ run, seq }) =>
      Array.from({ length: seq }, (_, at) => keys.record(run, at)),
    )
    const values = await this.#store.getMany(rows)
    let at = 0
    return heads.map(head => {
      const from = at
      at += head.seq
      const found = rows.slice(from, at).flatMap((row, place): StoredRecord[] => {
        const value = values[from + place]
        return value === undefined ? [] : [openRecord(row, value)]
      })
      return areAll(found, head) ? found : undefined
    })
  }

  /** A record that was there. Throws RUN_NOT_FOUND if its run was removed meanwhile. */
  async record(run: string, seq: number): Promise<StoredRecord> {
    const key = keys.record(run, seq)
    const value = await this.#store.get(key)
    if (value !== undefined) return openRecord(key, value)
    const head = await this.head(run)
    // One that has not got so far is another run, which was given the id since.
    if (head === undefined || head.seq <= seq) throw noSuchRun(run)
    throw corrupt(key, 'it is missing')
  }

  // Of a run that is removed all rows go in one write: its head tells whether records are missing or
  // are no more. If it is another one by now, the run was removed and its id given to a new one.
  async #missing(head: Head, seq: number): Promise<never> {
    const { run } = head
    const now = await this.head(run)
    if (now?.seq === head.seq && now.link === head.link) {
      throw corrupt(keys.record(run, seq), `it is missing: the head counts ${head.seq} entries`)
    }
    // Unless the one that has the id now is damaged, which shows here.
    if (now !== undefined) for await (const _ of this.records(now));
    throw noSuchRun(run)
  }

  /** The keys under which the records of a run lie, in order. */
  async *recordKeys(run: string): AsyncGenerator<string> {
    for await (const chunk of this.#store.scan(ranges.run(run)))
      for (const [key] of chunk) yield key
  }

  /** Open timers of one clock with `from <= due < before`, in due order. */
  async *timers(clock: TimerClock, from: number, before: number): AsyncGenerator<TimerKey> {
    for await (const chunk of this.#store.scan(ranges.timersDue(clock, from, before))) {
      for (const [key, value] of chunk) {
        unseal(key, value)
        yield parseKey.timer(key)
      }
    }
  }

  /** Runs that wait in a lane, behind a place of it, in the order in which they begin. */
  async *queued(lane: string, after?: QueuePlace, limit?: number): AsyncGenerator<StoredQueued> {
    const options = limit === undefined ? {} : { limit }
    for await (const chunk of this.#store.scan(ranges.queuedIn(lane, after), options)) {
      for (const [key, value] of chunk) yield openQueued(key, value)
    }
  }

  /** Runs that have ended, those that did last first. */
  async *endedLast(): AsyncGenerator<EndedRun> {
    // Few want more than the first of them.
    const options = { reverse: true, chunk: 128 }
    for await (const chunk of this.#store.scan(ranges.endedBefore(FOREVER), options)) {
      for (const [key] of chunk) yield parseKey.endedAt(key)
    }
  }

  /** Runs that ended before a time of the elapsed clock, oldest first. */
  async *endedBefore(elapsed: number, limit?: number): AsyncGenerator<EndedRun> {
    const options = limit === undefined ? {} : { limit }
    for await (const chunk of this.#store.scan(ranges.endedBefore(elapsed), options)) {
      for (const [key] of chunk) yield parseKey.endedAt(key)
    }
  }

  /** The oldest commit rows, each with its hash. */
  async *commitRows(limit: number): AsyncGenerator<{ key: string; commit: Commit; chain: Buffer }> {
    for await (const chunk of this.#store.scan(ranges.commits(), { limit })) {
      for (const [key, value] of chunk) {
        yield { key, commit: openCommit(key, value), chain: chainHash(value) }
      }
    }
  }

  /** The commits from this number on, in order. */
  async *commits(from = 0): AsyncGenerator<Commit> {
    for await (const chunk of this.#store.scan(ranges.commits(from))) {
      for (const [key, value] of chunk) yield openCommit(key, value)
    }
  }
}

const FOREVER = Number.MAX_SAFE_INTEGER

function areAll(records: readonly StoredRecord[], head: Head): boolean {
  let seq = 0
  let link = 0
  for (const record of records) {
    if (record.seq !== seq || record.link !== link) return false
    seq += record.entries.length
    link = record.check
  }
  return seq === head.seq && link === head.link
}

export function openRecord(key: string, value: Uint8Array): StoredRecord {
  const { body, check } = unseal(key, value)
  const { run, seq } = parseKey.record(key)
  const { at, elapsed, entries, link } = body as RecordBody
  return { run, seq, at, elapsed, entries, link, check }
}

export const openCommit = (key: string, value: Uint8Array): Commit =>
  unseal(key, value).body as Commit
