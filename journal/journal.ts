import { ActiveRuns } from './active-runs.ts'
import type { Record } from './entry.ts'
import { closedError, JournalError } from './error.ts'
import { type AddedRecord, Group } from './group.ts'
import type { Head } from './head.ts'
import type { Ledger } from './ledger.ts'
import type { Meta } from './meta.ts'
import { JournalReader } from './reader.ts'
import type { ScanOptions, Store } from './store.ts'
import type { Tip } from './tip.ts'

/** One record to append, with the ledger as it is after the record was noted in it. */
export interface Append {
  readonly record: Record
  readonly ledger: Ledger
}

/** Told of each commit once it is durable: of its records, and of the runs that it removed. */
export type Follower = (
  commit: number,
  added: readonly AddedRecord[],
  removed: readonly string[],
) => void

export type CommitListener = (tip: Tip) => Promise<void> | undefined

/** Told of each commit once it is durable, and of the last one when the journal is closed. */
export interface CommitListeners {
  readonly onCommit?: CommitListener
  readonly onClose?: CommitListener
}

/**
 * The one writer of a journal. Appends that come while a commit is under way gather into the next
 * one (group commit): one batch in flight, one sync for all of them. After the first failed write
 * it accepts nothing more: LevelDB may lose later writes that it acknowledges.
 */
export class Journal extends JournalReader {
  readonly epoch: number
  /** Told once, of the first write that failed: whoever asked for it may not be who has to know. */
  onFailure: ((failure: JournalError) => void) | undefined
  readonly #store: Store
  readonly #listeners: CommitListeners
  readonly #followers = new Set<Follower>()
  readonly #active: ActiveRuns
  #tip: Tip
  /** As it was last written here. */
  #meta: Meta | undefined
  #open: Group | undefined
  #newest: Promise<void> = NOTHING
  #draining: Promise<void> = NOTHING
  #isDraining = false
  #failure: JournalError | undefined
  #closed = false

  /** `active`: the runs that have not ended, as far as the store says. */
  constructor(store: Store, tip: Tip, listeners: CommitListeners, active = unknownRuns()) {
    super(store)
    this.#active = active
    this.#store = store
    this.epoch = tip.epoch
    this.#tip = tip
    this.#listeners = listeners
  }

  get tip(): Tip {
    return this.#tip
  }

  get failure(): JournalError | undefined {
    return this.#failure
  }

  /** Gives how to stop. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  /** Of active runs, if these are few, no rows are read but their own. */
  override async *heads(which: 'active' | 'ended', options?: ScanOptions): AsyncGenerator<Head> {
    if (which === 'ended' || options !== undefined) return yield* super.heads(which, options)
    const known = this.#active.known()
    if (known === undefined) return yield* this.#learnActive()
    for (let at = 0; at < known.length; at += TOGETHER) {
      const heads = await this.activeHeads(known.slice(at, at + TOGETHER))
      for (const head of heads) if (head !== undefined) yield head
    }
  }

  async *#learnActive(): AsyncGenerator<Head> {
    const lesson = this.#active.learn(this.#tip.active.count)
    let isWhole = false
    try {
      for await (const head of super.heads('active')) {
        lesson?.see(head.run)
        yield head
      }
      isWhole = true
    } finally {
      if (lesson !== undefined) this.#active.learned(lesson, isWhole)
    }
  }

  /**
   * Adds records, all in one commit. Resolves when they are durable. Rejects with NOT_ACCEPTED if
   * they certainly were not written, with INDETERMINATE if the write failed under way. Of nothing,
   * it resolves when all that was appended before is durable.
   */
  append(appends: readonly Append[]): Promise<void> {
    if (appends.length === 0) return this.#newest
    return this.change(group => {
      for (const { record, ledger } of appends) group.addRecord(record, ledger)
    })
  }

  /** Changes rows in the next commit; of nothing, it makes one, so that the epoch is durable. */
  change(edit: (group: Group) => void): Promise<void> {
    try {
      const group = this.#group()
      edit(group)
      return group.durable
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** What the journal is to say of itself next, where `found` was read or written before. */
  nextMeta(found: Meta, edit: (now: Meta) => Meta): Meta {
    this.#meta = edit(this.#meta ?? found)
    return this.#meta
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
    this.#open = new Group(this.#store.batch(), this.#tip)
    this.#newest = this.#open.durable
    if (!this.#isDraining) this.#draining = this.#drain()
    return this.#open
  }

  // One batch at a time; a busy journal goes from one commit straight to the next. It stops in the
  // same tick in which it last looked for a group, so that no group can be forgotten.
  async #drain(): Promise<void> {
    this.#isDraining = true
    await NOTHING
    while (this.#open !== undefined && this.#failure === undefined) {
      const group = this.#open
      this.#open = undefined
      try {
        const row = group.close(this.#tip)
        const written = group.write()
        // Hashed while the disk is busy.
        const next = group.tip(row)
        await written
        this.#tip = next
        for (const run of group.begun) this.#active.begin(run)
        for (const run of group.ended) this.#active.end(run)
        for (const follower of this.#followers) follower(next.commit, group.added, group.removed)
        const kept = this.#listeners.onCommit?.(next)
        group.resolve()
        if (kept !== undefined) await kept
      } catch (cause) {
        this.#fail(group, cause)
      }
    }
    this.#isDraining = false
  }

  #fail(group: Group, cause: unknown): void {
    this.#failure = failedError(this.#store.place, cause)
    group.reject(indeterminate(this.#failure))
    this.#open?.discard(notAccepted(this.#failure))
    this.#open = undefined
    this.onFailure?.(this.#failure)
  }
}

const NOTHING = Promise.resolve()

const unknownRuns = (): ActiveRuns => new ActiveRuns({ isKnown: false })

/** Heads that are read at once. */
const TOGETHER = 256

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
