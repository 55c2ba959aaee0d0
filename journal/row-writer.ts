import { admissionRow } from './admission.ts'
import { addKey, type Digest, dropKey } from './digest.ts'
import { seal } from './envelope.ts'
import { type HeadBody, headBody } from './head.ts'
import { keys } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { type Change, dueOf, listenersOf } from './pending.ts'
import { checkMark } from './schedule.ts'
import type { StoreBatch } from './store.ts'
import type { Tip } from './tip.ts'

type Stated = 'schedules' | 'limits'

/** Writes rows into a batch, and keeps the digests of the tip up to date with them. */
export class RowWriter {
  readonly #batch: StoreBatch
  readonly #tip: Tip
  /** Runs that were not active before, and those that are not any more. */
  readonly begun: string[] = []
  readonly ended: string[] = []

  constructor(batch: StoreBatch, tip: Tip) {
    this.#batch = batch
    this.#tip = tip
  }

  /** A place in a lane, behind all that were given before. */
  nextPlace(): number {
    return this.#tip.counts.queued++
  }

  /** Writes what is remembered for a limit. `before` is the checksum of the row there is. */
  putLimit(id: string, body: unknown, before: number | undefined): number {
    return this.putStated('limits', keys.limit(id), body, before)
  }

  dropLimit(id: string, before: number): void {
    this.dropStated('limits', keys.limit(id), before)
  }

  /** Writes a row of which the digest tells the state as well. Gives its checksum. */
  putStated(digest: Stated, key: string, body: unknown, before: number | undefined): number {
    const check = this.put(key, body)
    if (before !== undefined) dropKey(this.#tip[digest], checkMark(key, before))
    addKey(this.#tip[digest], checkMark(key, check))
    return check
  }

  dropStated(digest: Stated, key: string, before: number): void {
    this.del(key)
    dropKey(this.#tip[digest], checkMark(key, before))
  }

  put(key: string, body: unknown): number {
    const { bytes, check } = seal(key, this.#tip.epoch, body)
    this.#batch.put(key, bytes)
    return check
  }

  del(key: string): void {
    this.#batch.del(key)
  }

  /** The rows that follow from the newest record of a run. Gives its head. */
  protected derive(ledger: Ledger): HeadBody {
    for (const change of ledger.changes) this.#index(ledger, change)
    const head = headBody(ledger)
    this.#setHead(ledger, head)
    return head
  }

  #index({ run, workflow }: Ledger, { op, what }: Change): void {
    const timer = dueOf(what)
    if (timer !== undefined) {
      const key = keys.timer(timer.clock, timer.due, run, what.seq)
      this.#setRow(op, this.#tip.timers, key, null)
    }
    const row = admissionRow(run, workflow, what)
    if (row !== undefined) this.#setRow(op, this.#tip.admission, row.key, row.body)
    const on = listenersOf(what)
    if (on !== undefined) {
      this.#setRow(op, this.#tip.waits, keys.wait(run, what.seq), { kind: what.kind, on })
    }
  }

  #setRow(op: Change['op'], digest: Digest, key: string, body: unknown): void {
    if (op === 'opened') {
      addKey(digest, key)
      this.put(key, body)
    } else {
      dropKey(digest, key)
      this.#batch.del(key)
    }
  }

  #setHead(ledger: Ledger, head: HeadBody): void {
    const { run, outcome } = ledger
    const active = keys.active(run)
    const isFirst = ledger.last === 0
    if (outcome === undefined) {
      if (isFirst) {
        addKey(this.#tip.active, active)
        this.begun.push(run)
      }
      this.put(active, head)
      return
    }
    if (!ledger.hadEnded) {
      if (!isFirst) {
        dropKey(this.#tip.active, active)
        this.ended.push(run)
      }
      this.#batch.del(active)
      this.put(keys.endedAt(outcome.elapsed, run), null)
    }
    this.put(keys.ended(run), head)
  }
}
