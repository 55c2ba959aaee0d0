import { type Commit, countEvents, eventMark } from './commit.ts'
import { addKey, dropKey, emptyDigest, sameDigest } from './digest.ts'
import { unseal } from './envelope.ts'
import { openEvent, openInput } from './event-reader.ts'
import { keys, parseKey, ranges } from './keys.ts'
import type { Pass, Report } from './verify-report.ts'

/** What commits say of inboxes and events, added up. Memory grows with what is in inboxes only. */
export class EventBooks {
  /** Checksums of the inputs that must be in inboxes, by key. */
  readonly inbox = new Map<string, number>()
  /** What the newest commit must state of the inboxes. */
  readonly waiting = emptyDigest()
  /** An order-free sum of the events that must be there. */
  events = emptyDigest()

  take(commit: Commit): void {
    const { posted = [], taken = [] } = commit
    for (const [run, n, check] of posted) {
      const key = keys.inbox(run, n)
      if (!this.inbox.has(key)) addKey(this.waiting, key)
      this.inbox.set(key, check)
    }
    for (const [run, n] of taken) {
      const key = keys.inbox(run, n)
      if (this.inbox.delete(key)) dropKey(this.waiting, key)
    }
    countEvents(this.events, commit)
  }
}

/** Inputs that wait for a turn: those that were posted and not taken. */
export class InboxPass implements Pass {
  readonly range = ranges.inbox()
  readonly #books: EventBooks
  readonly #report: Report

  constructor(books: EventBooks, report: Report) {
    this.#books = books
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const listed = this.#books.inbox.get(key)
    this.#books.inbox.delete(key)
    const { run } = openInput(key, value)
    const { check } = unseal(key, value)
    if (listed === check) return
    const what = listed === undefined ? 'no commit says it waits' : 'it is not what a commit lists'
    this.#report.add(key, what, run)
  }

  end(): void {
    for (const key of this.#books.inbox.keys()) {
      this.#report.add(key, 'it is missing: it has not had its turn', parseKey.inbox(key).run)
    }
  }
}

/** Events: as many, and the same, as the commits say were stored and not removed. */
export class EventsPass implements Pass {
  readonly range = ranges.events()
  readonly #books: EventBooks
  readonly #report: Report
  readonly #found = emptyDigest()

  constructor(books: EventBooks, report: Report) {
    this.#books = books
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const { name } = openEvent(key, value)
    const { at, n } = parseKey.event(key)
    if (keys.event(name, at, n) !== key) this.#report.add(key, 'it is not the key of its event')
    addKey(this.#found, eventMark([key, unseal(key, value).check]))
  }

  end(): void {
    const { events } = this.#books
    if (sameDigest(events, this.#found)) return
    const what = `the commits list ${events.count} events, there are ${this.#found.count} of them or others`
    this.#report.add(this.range.gte, what)
  }
}
