import { type Commit, type CommittedRecord, chainHash } from './commit.ts'
import { addKey, dropKey } from './digest.ts'
import type { Record } from './entry.ts'
import { seal } from './envelope.ts'
import { headBody } from './head.ts'
import { keys } from './keys.ts'
import type { Ledger } from './ledger.ts'
import type { Change } from './pending.ts'
import type { StoreBatch } from './store.ts'
import type { Tip } from './tip.ts'

interface ClosedGroup {
  readonly row: Commit
  readonly bytes: Uint8Array
}

/** What is written in one commit: records, the rows that follow from them, and the commit's own. */
export class Group {
  readonly #batch: StoreBatch
  readonly #tip: Tip
  readonly #records: CommittedRecord[] = []
  readonly #removed: string[] = []
  #at = 0
  #elapsed = 0
  /** Resolves when the group is on disk. */
  readonly durable: Promise<void>
  resolve!: () => void
  reject!: (error: unknown) => void

  /** `tip` as it is when the group is begun: of it the epoch counts, and the digests, which go on. */
  constructor(batch: StoreBatch, tip: Tip) {
    this.#batch = batch
    this.#tip = tip
    this.durable = new Promise<void>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Whoever appended is told; a group that nobody waits for is no unhandled rejection.
    this.durable.catch(() => {})
  }

  addRecord(record: Record, ledger: Ledger): void {
    const { run, seq, at, elapsed, entries } = record
    if (seq !== ledger.last) throw new Error(`record ${seq} of run ${run} is not its newest`)
    const key = keys.record(run, seq)
    const sealed = seal(key, this.#tip.epoch, { at, elapsed, entries, link: ledger.link })
    ledger.link = sealed.check
    this.#batch.put(key, sealed.bytes)
    this.#records.push([run, seq, sealed.check])
    this.#at = Math.max(this.#at, at)
    this.#elapsed = Math.max(this.#elapsed, elapsed)
    for (const change of ledger.changes) this.#setTimer(run, change)
    this.#setHead(ledger)
  }

  /** Deletes the rows of a run that ended at this time. */
  removeRun(run: string, endedAt: number, recordKeys: readonly string[]): void {
    for (const key of recordKeys) this.#batch.del(key)
    this.#batch.del(keys.ended(run))
    this.#batch.del(keys.endedAt(endedAt, run))
    this.#removed.push(run)
  }

  put(key: string, body: unknown): void {
    this.#batch.put(key, seal(key, this.#tip.epoch, body).bytes)
  }

  del(key: string): void {
    this.#batch.del(key)
  }

  /** Adds the commit's own row, behind the one that is the newest now. */
  close({ commit, chain, at, elapsed }: Tip): ClosedGroup {
    const { epoch, active, timers } = this.#tip
    const row: Commit = {
      commit: commit + 1,
      // The group may have been begun before the commit ahead of it had its time.
      at: Math.max(this.#at, at),
      elapsed: Math.max(this.#elapsed, elapsed),
      prev: chain,
      records: this.#records,
      ...(this.#removed.length > 0 && { removed: this.#removed }),
      active,
      timers,
    }
    const key = keys.commit(row.commit)
    const { bytes } = seal(key, epoch, row)
    this.#batch.put(key, bytes)
    return { row, bytes }
  }

  /** How far the journal has got once the group is written. */
  tip({ row, bytes }: ClosedGroup): Tip {
    const { commit, at, elapsed, active, timers } = row
    return { epoch: this.#tip.epoch, commit, chain: chainHash(bytes), at, elapsed, active, timers }
  }

  write(): Promise<void> {
    return this.#batch.write()
  }

  /** Gives the group up unwritten. */
  discard(reason: unknown): void {
    this.reject(reason)
    this.#batch.discard().catch(() => {})
  }

  #setTimer(run: string, { op, what }: Change): void {
    if (what.kind === 'step') return
    const key = keys.timer(what.clock, what.due, run, what.seq)
    if (op === 'opened') {
      addKey(this.#tip.timers, key)
      this.put(key, null)
    } else {
      dropKey(this.#tip.timers, key)
      this.#batch.del(key)
    }
  }

  #setHead(ledger: Ledger): void {
    const { run, outcome } = ledger
    const active = keys.active(run)
    const isFirst = ledger.last === 0
    if (outcome === undefined) {
      if (isFirst) addKey(this.#tip.active, active)
      this.put(active, headBody(ledger))
      return
    }
    if (!ledger.hadEnded) {
      if (!isFirst) dropKey(this.#tip.active, active)
      this.#batch.del(active)
      this.put(keys.endedAt(outcome.at, run), null)
    }
    this.put(keys.ended(run), headBody(ledger))
  }
}
