import { type Commit, type CommittedRecord, chainHash } from './commit.ts'
import { addKey, type Digest, dropKey } from './digest.ts'
import type { Record } from './entry.ts'
import { seal } from './envelope.ts'
import { closedError, JournalError } from './error.ts'
import { headBody } from './head.ts'
import { keys } from './keys.ts'
import type { Change, Ledger } from './ledger.ts'
import type { Meta } from './meta.ts'
import { JournalReader } from './reader.ts'
import type { Store, StoreBatch } from './store.ts'

/** One record to append, with the ledger as it is after the record was noted in it. */
export interface Append {
  readonly record: Record
  readonly ledger: Ledger
}

export interface Tip {
  readonly epoch: number
  readonly commit: number
  readonly chain: Buffer
  readonly at: number
  readonly elapsed: number
  readonly active: Digest
  readonly timers: Digest
}

export type CommitListener = (tip: Tip) => Promise<void> | undefined

/** Told of each commit once it is durable, and of the last one when the journal is closed. */
export interface CommitListeners {
  readonly onCommit?: CommitListener
  readonly onClose?: CommitListener
}

interface Group {
  readonly batch: StoreBatch
  readonly records: CommittedRecord[]
  readonly removed: string[]
  at: number
  elapsed: number
  readonly durable: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The one writer of a journal. Appends that come while a commit is under way gather into the next
 * one (group commit): one batch in flight, one sync for all of them. After the first failed write
 * it accepts nothing more: LevelDB may lose later writes that it acknowledges.
 */
export class Journal extends JournalReader {
  readonly epoch: number
  readonly #store: Store
  readonly #listeners: CommitListeners
  #meta: Meta
  #tip: Tip
  #open: Group | undefined
  #draining: Promise<void> = Promise.resolve()
  #isDraining = false
  #newest: Promise<void> = Promise.resolve()
  #failure: JournalError | undefined
  #closed = false

  constructor(store: Store, tip: Tip, meta: Meta, listeners: CommitListeners) {
    super(store)
    this.#store = store
    this.epoch = tip.epoch
    this.#tip = tip
    this.#meta = meta
    this.#listeners = listeners
  }

  get tip(): Tip {
    return this.#tip
  }

  get failure(): JournalError | undefined {
    return this.#failure
  }

  /**
   * Adds records, all in one commit. Resolves when they are durable. Rejects with NOT_ACCEPTED if
   * they certainly were not written, with INDETERMINATE if the write failed under way. Of nothing,
   * it resolves when all that was appended before is durable.
   */
  append(appends: readonly Append[]): Promise<void> {
    if (appends.length === 0) return this.#newest
    try {
      const group = this.#group()
      for (const { record, ledger } of appends) this.#write(group, record, ledger)
      return group.durable
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Commits without records, so that the epoch itself is durable. */
  async mark(): Promise<void> {
    await this.#group().durable
  }

  /** Deletes all there is of ended runs, in one commit that says so. */
  async remove(runs: readonly { run: string; endedAt: number }[]): Promise<number> {
    await this.#newest
    const recordKeys: string[] = []
    for (const { run } of runs) {
      for await (const key of this.recordKeys(run)) recordKeys.push(key)
    }
    const group = this.#group()
    for (const key of recordKeys) group.batch.del(key)
    for (const { run, endedAt } of runs) {
      group.batch.del(keys.ended(run))
      group.batch.del(keys.endedAt(endedAt, run))
      group.removed.push(run)
    }
    await group.durable
    return recordKeys.length
  }

  /**
   * Deletes commit rows from the oldest on, as long as all their records are of removed runs: the
   * newest row always stays. Returns how many. At most so many at a time.
   */
  async trim(most: number): Promise<number> {
    await this.#newest
    const spent: string[] = []
    let trimmed: Meta['trimmed']
    for await (const { key, commit, chain } of this.commitRows(most)) {
      if (commit.commit === this.#tip.commit || (await this.#isNeeded(commit))) break
      spent.push(key)
      trimmed = { commit: commit.commit, chain }
    }
    // Trimming is itself a commit: for one row it would never come to an end.
    if (trimmed === undefined || spent.length === 1) return 0
    this.#meta = { ...this.#meta, trimmed }
    const group = this.#group()
    for (const key of spent) group.batch.del(key)
    group.batch.put(keys.meta, seal(keys.meta, this.epoch, this.#meta).bytes)
    await group.durable
    return spent.length
  }

  async #isNeeded({ records }: Commit): Promise<boolean> {
    for (const [run] of records) if ((await this.head(run)) !== undefined) return true
    return false
  }

  /** Waits for what is under way, then closes the store. Later appends are NOT_ACCEPTED. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#isDraining) await this.#draining
    try {
      if (this.#failure === undefined) await this.#listeners.onClose?.(this.#tip)
    } finally {
      await this.#store.close()
    }
  }

  #group(): Group {
    if (this.#failure !== undefined) throw notAccepted(this.#failure)
    if (this.#closed) throw notAccepted(closedError(this.#store.place))
    if (this.#open !== undefined) return this.#open
    this.#open = newGroup(this.#store.batch(), this.#tip)
    this.#newest = this.#open.durable
    if (!this.#isDraining) this.#draining = this.#drain()
    return this.#open
  }

  #write(group: Group, record: Record, ledger: Ledger): void {
    const { run, seq, at, elapsed, entries } = record
    if (seq !== ledger.last) throw new Error(`record ${seq} of run ${run} is not its newest`)
    const key = keys.record(run, seq)
    const sealed = seal(key, this.epoch, { at, elapsed, entries, link: ledger.link })
    ledger.link = sealed.check
    group.batch.put(key, sealed.bytes)
    group.records.push([run, seq, sealed.check])
    group.at = Math.max(group.at, at)
    group.elapsed = Math.max(group.elapsed, elapsed)
    for (const change of ledger.changes) this.#writeTimer(group, run, change)
    this.#writeHead(group, ledger)
  }

  #writeTimer(group: Group, run: string, { op, what }: Change): void {
    if (what.kind === 'step') return
    const key = keys.timer(what.clock, what.due, run, what.seq)
    if (op === 'opened') {
      addKey(this.#tip.timers, key)
      group.batch.put(key, seal(key, this.epoch, null).bytes)
    } else {
      dropKey(this.#tip.timers, key)
      group.batch.del(key)
    }
  }

  #writeHead(group: Group, ledger: Ledger): void {
    const { run, outcome } = ledger
    const active = keys.active(run)
    const isFirst = ledger.last === 0
    if (outcome === undefined) {
      if (isFirst) addKey(this.#tip.active, active)
      group.batch.put(active, seal(active, this.epoch, headBody(ledger)).bytes)
      return
    }
    if (!ledger.hadEnded) {
      if (!isFirst) dropKey(this.#tip.active, active)
      group.batch.del(active)
      const endedAt = keys.endedAt(outcome.at, run)
      group.batch.put(endedAt, seal(endedAt, this.epoch, null).bytes)
    }
    const ended = keys.ended(run)
    group.batch.put(ended, seal(ended, this.epoch, headBody(ledger)).bytes)
  }

  // One batch at a time; a busy journal goes from one commit straight to the next. It stops in the
  // same tick in which it last looked for a group, so that no group can be forgotten.
  async #drain(): Promise<void> {
    this.#isDraining = true
    await Promise.resolve()
    while (this.#open !== undefined && this.#failure === undefined) {
      const group = this.#open
      this.#open = undefined
      await this.#commit(group)
    }
    this.#isDraining = false
  }

  async #commit(group: Group): Promise<void> {
    try {
      const next = this.#writeCommit(group)
      await group.batch.write()
      this.#tip = { ...next, active: this.#tip.active, timers: this.#tip.timers }
      const kept = this.#listeners.onCommit?.(this.#tip)
      group.resolve()
      await kept
    } catch (cause) {
      this.#fail(group, cause)
    }
  }

  #writeCommit(group: Group): Tip {
    const { epoch, commit, chain, active, timers } = this.#tip
    const { records, removed } = group
    // The group may have been opened before the commit ahead of it had its time.
    const at = Math.max(group.at, this.#tip.at)
    const elapsed = Math.max(group.elapsed, this.#tip.elapsed)
    const row: Commit = {
      commit: commit + 1,
      at,
      elapsed,
      prev: chain,
      records,
      ...(removed.length > 0 && { removed }),
      active,
      timers,
    }
    const key = keys.commit(row.commit)
    const { bytes } = seal(key, epoch, row)
    group.batch.put(key, bytes)
    return { epoch, commit: row.commit, chain: chainHash(bytes), at, elapsed, active, timers }
  }

  #fail(group: Group, cause: unknown): void {
    this.#failure = failedError(this.#store.place, cause)
    group.reject(indeterminate(this.#failure))
    this.#open?.reject(notAccepted(this.#failure))
    void this.#open?.batch.discard().catch(() => {})
    this.#open = undefined
  }
}

function newGroup(batch: StoreBatch, tip: Tip): Group {
  const { promise, resolve, reject } = withResolvers()
  promise.catch(() => {})
  return {
    batch,
    records: [],
    removed: [],
    at: tip.at,
    elapsed: tip.elapsed,
    durable: promise,
    resolve,
    reject,
  }
}

function withResolvers(): Pick<Group, 'resolve' | 'reject'> & { promise: Promise<void> } {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

const REOPEN = 'Close the engine and open it again: what was acknowledged is still there.'

const failedError = (place: string, cause: unknown): JournalError =>
  cause instanceof JournalError
    ? cause
    : new JournalError('JOURNAL_FAILED', `A write to the journal ${place} failed.`, {
        hint: `${REOPEN} Check the disk first: space, permissions, errors in the system log.`,
        facts: { place },
        cause,
      })

const notAccepted = (cause: JournalError): JournalError =>
  new JournalError('NOT_ACCEPTED', `Not accepted: ${cause.message}`, { hint: cause.hint, cause })

const indeterminate = (cause: JournalError): JournalError =>
  new JournalError('INDETERMINATE', `This may or may not be written: ${cause.message}`, {
    hint: `${REOPEN} Then ask again with the same id: the answer is the one true one.`,
    cause,
  })
