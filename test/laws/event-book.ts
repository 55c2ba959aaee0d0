import type { PostedInput } from '../../journal/event.ts'
import type { Change } from '../../journal/pending.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { openSchedule } from '../../journal/schedule.ts'
import { AdmissionBook } from './admission-book.ts'
import { admissionLaws } from './admission-laws.ts'
import type { EventCall } from './calls.ts'
import type { CommitSeen } from './commit-laws.ts'
import { Deliveries } from './deliveries.ts'
import { eventLaws } from './event-laws.ts'
import type { History } from './history.ts'
import { inboxLaws } from './inbox-laws.ts'
import { type Item, itemsOf } from './items.ts'
import { judge, LawBroken } from './law.ts'
import { scheduleLaws, type Ticker } from './schedule-laws.ts'

/** An event that is on disk. */
export interface Stored {
  readonly row: string
  readonly name: string
  readonly id: string
  readonly ts: number
  readonly at: number
  readonly data: unknown
  /** How many commits there were with the one that stored it. */
  readonly commit: number
}

/** An input in an inbox. */
export interface Post {
  readonly run: string
  readonly n: number
  /** Unknown of one that came to nothing in the very write that put it there. */
  readonly input: PostedInput | undefined
  /** It was taken out again in that write: its input is inferred from what became of it. */
  readonly brief?: true
}

/** A commit as far as events and inboxes are concerned. */
export interface ExchangeSeen {
  readonly commit: CommitSeen
  readonly items: readonly Item[]
  readonly book: EventBook
  readonly history: History
}

/** All that was ever sent, and what waits in inboxes: kept apart from any engine. */
export class EventBook {
  readonly stored: Stored[] = []
  readonly byRow = new Map<string, Stored>()
  /** By run and number. */
  readonly inbox = new Map<string, Post>()
  /** The calls of event nodes, by run and step. */
  readonly calls = new Map<string, EventCall>()
  /** What the code went on with, by run and step. */
  readonly seen = new Map<string, unknown>()
  /** How often an id was asked for from outside, less how often it was refused for certain. */
  readonly asked = new Map<string, number>()
  readonly tickers = new Map<string, Ticker>()
  /** Ticks that had a run, each as its schedule and its nominal time. */
  readonly started = new Set<string>()
  /** A schedule that said less than before. */
  wentBack: string | undefined
  readonly admission: AdmissionBook
  readonly #history: History
  readonly #deliveries: Deliveries

  constructor(history: History) {
    this.#history = history
    this.admission = new AdmissionBook(history)
    this.#deliveries = new Deliveries(this, history)
  }

  asks(call: EventCall): void {
    this.calls.set(`${call.run} ${call.step}`, call)
  }

  heard(run: string, step: string, what: unknown): void {
    this.seen.set(`${run} ${step}`, what)
  }

  /** A commit has reached the disk; the ledgers are as they are with it. */
  take(commit: CommitSeen, changesOf: ReadonlyMap<StoredRecord, readonly Change[]>): void {
    const items = itemsOf(commit, changesOf, this, this.#history.commits.length)
    for (const item of items) this.#note(item)
    this.#noteSchedules(commit)
    const seen = { commit, items, book: this, history: this.#history }
    judge(eventLaws, seen)
    judge(inboxLaws, seen)
    judge(scheduleLaws, seen)
    this.admission.take(seen)
    judge(admissionLaws, seen)
    this.admission.close(seen)
    this.#deliveries.take(commit, items)
    for (const [run, n] of commit.commit.taken ?? []) {
      if (!this.inbox.delete(`${run}!${n}`)) {
        throw new LawBroken('what is taken from an inbox was in it', `${run} ${n}`)
      }
    }
    for (const key of commit.write.dels) {
      // What is made anew in the write that drops it is there.
      if (key.startsWith('s!') && !commit.write.puts.has(key)) this.tickers.delete(key.slice(2))
    }
    for (const [row] of commit.commit.forgotten ?? []) this.byRow.delete(row)
  }

  /** A run is removed, its id may be used again. */
  forget(run: string): void {
    this.#deliveries.forget(run)
    for (const known of [this.calls, this.seen]) {
      for (const key of known.keys()) if (key.startsWith(`${run} `)) known.delete(key)
    }
  }

  /** How many waits and cancellations listen. */
  get listening(): number | undefined {
    return this.#history.isPlanned ? this.#deliveries.open : undefined
  }

  #noteSchedules({ write, records }: CommitSeen): void {
    for (const [key, row] of write.puts) {
      if (!key.startsWith('s!')) continue
      const { id, body } = openSchedule(key, row)
      const { own, handled, buffered } = body
      if (own === undefined) continue
      const before = write.dels.includes(key) ? undefined : this.tickers.get(id)
      if (before !== undefined && handled < before.handled) this.wentBack = `${id}: ${handled}`
      const since = before?.since ?? handled
      const { missed, overlap, jitter } = own
      this.tickers.set(id, { id, since, handled, missed, overlap, jitter, buffered })
    }
    for (const [first] of records.map(({ entries }) => entries)) {
      if (first?.type !== 'run.scheduled' || first.schedule === undefined) continue
      this.started.add(`${first.schedule} ${first.event?.ts}`)
    }
  }

  #note(item: Item): void {
    if (item.kind === 'event') {
      this.stored.push(item.event)
      this.byRow.set(item.event.row, item.event)
    }
    if (item.kind === 'post') this.inbox.set(`${item.post.run}!${item.post.n}`, item.post)
  }
}
