import type { Entry } from '../../journal/entry.ts'
import type { Moment, Span } from './span.ts'
import { SpanBook } from './span-book.ts'
import { type Asked, openedBy } from './span-opened.ts'

/** Takes the entries of a run in, and keeps what it asked for and what came of it. */
export class SpanFold {
  readonly #book = new SpanBook()

  beginRecord(now: Moment): void {
    this.#book.beginRecord(now)
  }

  all(): readonly Span[] {
    return this.#book.all()
  }

  /** The run has ended: nothing is open any more. */
  end(state: 'cancelled' | 'abandoned'): void {
    for (const { seq } of this.#book.open()) this.#book.settle(seq, state)
  }

  /** Gives whether a span tells of the entry: as what it is of, or as an answer to it. */
  note(entry: Entry, seq: number): boolean {
    switch (entry.type) {
      case 'step.scheduled':
      case 'timer.set':
      case 'wait.set':
      case 'child.started':
      case 'event.sent':
      case 'code.failed':
      case 'start.set':
      case 'queue.set':
      case 'gather.set':
        this.#asked(entry, seq)
        return true
      case 'step.succeeded':
      case 'step.failed':
      case 'step.late':
      case 'timer.fired':
      case 'event.received':
      case 'child.finished':
        return this.#answered(entry, seq)
      default:
        this.#happened(entry)
        return false
    }
  }

  #asked(entry: Asked, seq: number): void {
    this.#book.add(seq, openedBy(entry))
    if ('id' in entry) this.#book.join(seq)
    if (entry.type === 'step.scheduled') this.#book.beginAttempt(seq, 0)
    if (entry.type === 'event.sent') this.#book.settle(seq, 'ok')
    if (entry.type === 'code.failed' && entry.retryAt === undefined) {
      this.#book.settle(seq, 'failed')
    }
  }

  /** What answers nothing that there is, such as the end of a deadline, is not of a span. */
  #answered(entry: Answer, seq: number): boolean {
    const { of } = entry
    const span = this.#book.get(of)
    if (span === undefined) return false
    this.#book.answer(of, seq)
    switch (entry.type) {
      case 'step.succeeded':
        this.#book.endAttempt(of, { state: 'ok' })
        this.#book.settle(of, 'ok', entry.value)
        return true
      case 'step.failed': {
        const { error, retryAt } = entry
        const again = retryAt !== undefined
        this.#book.endAttempt(of, { state: 'failed', error, ...(again && { retryAt }) })
        if (again) this.#book.change(of, { state: 'backoff' })
        else this.#book.settle(of, 'failed', error)
        return true
      }
      case 'step.late':
        this.#book.late(of, entry.attempt, entry.ok, entry.value)
        return true
      case 'timer.fired':
        this.#fired(span)
        return true
      case 'event.received': {
        const { key, event } = entry
        this.#book.change(of, { received: { key, event } })
        this.#book.settle(of, 'ok', entry.data)
        return true
      }
      case 'child.finished':
        this.#book.settle(of, entry.ok ? 'ok' : 'failed', entry.value)
        return true
      default:
        return entry satisfies never
    }
  }

  #fired({ kind, seq, attempts }: Span): void {
    switch (kind) {
      case 'step':
        return this.#book.beginAttempt(seq, attempts.length)
      case 'wait':
      case 'child':
        return this.#book.settle(seq, 'timed-out')
      case 'sleep':
      case 'code':
      case 'start':
      case 'gather':
      case 'queue':
      case 'send':
        return this.#book.settle(seq, 'ok')
      default:
        kind satisfies never
    }
  }

  /** What happens to the run, and thereby to what is open. */
  #happened(entry: Exclude<Entry, Asked | Answer>): void {
    switch (entry.type) {
      case 'run.joined':
        for (const span of this.#book.open()) {
          if (span.kind !== 'gather') continue
          const { due = span.due, events, full } = entry
          this.#book.change(span.seq, { due, count: span.count + events.length })
          if (full) this.#book.settle(span.seq, 'ok')
        }
        return
      case 'run.started':
        for (const { kind, seq } of this.#book.open()) {
          if (kind === 'queue') this.#book.settle(seq, 'ok')
        }
        return
      case 'run.cancel_requested':
        for (const { seq, shielded } of this.#book.open()) {
          if (!shielded) this.#book.settle(seq, 'cancelled')
        }
        return
      case 'run.scheduled':
      case 'run.paused':
      case 'run.resumed':
      case 'run.parked':
      case 'run.unparked':
      case 'run.completed':
      case 'run.continued':
      case 'run.failed':
      case 'run.cancelled':
      case 'run.skipped':
      case 'code.woke':
      case 'cancel.set':
      case 'slot.set':
      case 'deadline.set':
      case 'deadline.moved':
        return
      default:
        entry satisfies never
    }
  }
}

type Answer = Extract<Entry, { readonly of: number }>
