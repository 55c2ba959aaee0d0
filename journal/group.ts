import {
  type Commit,
  type CommittedRecord,
  chainHash,
  type EventRow,
  type GivenId,
  type PostedRow,
  type TakenRow,
} from './commit.ts'
import { addKey, dropKey } from './digest.ts'
import type { Record } from './entry.ts'
import { seal } from './envelope.ts'
import type { EventBody, PostedInput } from './event.ts'
import type { HeadBody } from './head.ts'
import { keys } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { RowWriter } from './row-writer.ts'
import type { StoreBatch } from './store.ts'
import { type Counts, type Tip, tipOf } from './tip.ts'

/** Both clocks, in ms. */
type Instant = Pick<Record, 'at' | 'elapsed'>

/** A record, the workflow of its run, the value that was written, and the run's head with it. */
export interface AddedRecord {
  readonly record: Record
  readonly workflow: string
  readonly sealed: Uint8Array
  readonly head: HeadBody
}

interface ClosedGroup {
  readonly row: Commit
  readonly bytes: Uint8Array
}

/** What is written in one commit: records, the rows that follow from them, and the commit's own. */
export class Group extends RowWriter {
  readonly #batch: StoreBatch
  readonly #tip: Tip
  readonly #records: CommittedRecord[] = []
  readonly #posted: PostedRow[] = []
  readonly #taken: TakenRow[] = []
  readonly #events: EventRow[] = []
  readonly #forgotten: EventRow[] = []
  readonly #ids: GivenId[] = []
  /** What it holds of records, for those who follow. */
  readonly added: AddedRecord[] = []
  /** Runs that it removes. */
  readonly removed: string[] = []
  #at = 0
  #elapsed = 0
  /** Resolves when the group is on disk. */
  readonly durable: Promise<void>
  resolve!: () => void
  #reject!: (error: unknown) => void

  /** `tip` as it is when the group is begun: of it the epoch counts, and the digests, which go on. */
  constructor(batch: StoreBatch, tip: Tip) {
    super(batch, tip)
    this.#batch = batch
    this.#tip = tip
    this.durable = new Promise<void>((resolve, reject) => {
      this.resolve = resolve
      this.#reject = reject
    })
  }

  addRecord(record: Record, ledger: Ledger): void {
    const { run, seq, at, elapsed, entries } = record
    if (seq !== ledger.last) throw new Error(`record ${seq} of run ${run} is not its newest`)
    const key = keys.record(run, seq)
    const sealed = seal(key, this.#tip.epoch, { at, elapsed, entries, link: ledger.link })
    ledger.link = sealed.check
    this.#batch.put(key, sealed.bytes)
    this.#records.push([run, seq, sealed.check])
    this.passTime({ at, elapsed })
    const head = this.derive(ledger)
    this.added.push({ record, workflow: ledger.workflow, sealed: sealed.bytes, head })
  }

  /** It is that late: time goes on from there, should the process die. */
  passTime({ at, elapsed }: Instant): void {
    // Both clocks or none: what passes until the next opening is told from the difference.
    this.#at = Math.max(this.#at, at)
    this.#elapsed = Math.max(this.#elapsed, elapsed)
  }

  /** Deletes the rows of a run that ended at this time of the elapsed clock. */
  removeRun(run: string, endedAt: number, recordKeys: readonly string[]): void {
    for (const key of recordKeys) this.#batch.del(key)
    this.#batch.del(keys.ended(run))
    this.#batch.del(keys.endedAt(endedAt, run))
    this.removed.push(run)
  }

  /** Puts an input into a run's inbox, where it waits for the run's turn. Gives its number. */
  post(run: string, input: PostedInput): number {
    const n = this.#tip.counts.inputs++
    const key = keys.inbox(run, n)
    this.#posted.push([run, n, this.put(key, input)])
    addKey(this.#tip.inbox, key)
    return n
  }

  /** The input has had its turn, or came to nothing. */
  take(run: string, n: number): void {
    const key = keys.inbox(run, n)
    this.#taken.push([run, n])
    this.#batch.del(key)
    dropKey(this.#tip.inbox, key)
  }

  /** Stores an event, and gives its key. With `dedupe` its id is known for a day. */
  addEvent(event: EventBody, { at, elapsed }: Instant, dedupe: boolean): string {
    const key = keys.event(event.name, at, this.#tip.counts.events++)
    this.#events.push([key, this.put(key, event)])
    this.passTime({ at, elapsed })
    if (dedupe) this.#giveId(keys.eventId(event.id), at)
    return key
  }

  #giveId(key: string, at: number): void {
    this.put(key, { at })
    this.#ids.push([key, at])
  }

  /** Removes an event. */
  forget(key: string, check: number): void {
    this.#batch.del(key)
    this.#forgotten.push([key, check])
  }

  /** Adds the commit's own row, behind the one that is the newest now. */
  close({ commit, chain, at, elapsed }: Tip): ClosedGroup {
    const { epoch } = this.#tip
    const row: Commit = {
      commit: commit + 1,
      // The group may have been begun before the commit ahead of it had its time.
      at: Math.max(this.#at, at),
      elapsed: Math.max(this.#elapsed, elapsed),
      prev: chain,
      records: this.#records,
      ...(this.removed.length > 0 && { removed: this.removed }),
      ...(this.#posted.length > 0 && { posted: this.#posted }),
      ...(this.#taken.length > 0 && { taken: this.#taken }),
      ...(this.#events.length > 0 && { events: this.#events }),
      ...(this.#forgotten.length > 0 && { forgotten: this.#forgotten }),
      ...(this.#ids.length > 0 && { ids: this.#ids }),
      ...stated(this.#tip),
    }
    const key = keys.commit(row.commit)
    const { bytes } = seal(key, epoch, row)
    this.#batch.put(key, bytes)
    return { row, bytes }
  }

  /** How far the journal has got once the group is written. */
  tip({ row, bytes }: ClosedGroup): Tip {
    const { commit, at, elapsed } = row
    const { epoch, active, timers, waits, inbox, schedules, admission, limits, counts } = this.#tip
    const digests = { active, timers, waits, inbox, schedules, admission, limits }
    return tipOf({ epoch, commit, chain: chainHash(bytes), at, elapsed, counts }, digests)
  }

  write(): Promise<void> {
    return this.#batch.write()
  }

  // Whoever appended is told; a group that nobody waits for is no unhandled rejection.
  reject(error: unknown): void {
    this.durable.catch(() => {})
    this.#reject(error)
  }

  /** Gives the group up unwritten. */
  discard(reason: unknown): void {
    this.reject(reason)
    this.#batch.discard().catch(() => {})
  }
}

/** What opening relies on, as a commit row states it: what there is none of is left out. */
export function stated(tip: Tip): Omit<Commit, 'commit' | 'at' | 'elapsed' | 'prev' | 'records'> {
  const { active, timers, waits, inbox, schedules, admission, limits, counts } = tip
  return {
    active,
    timers,
    ...(waits.count > 0 && { waits }),
    ...(inbox.count > 0 && { inbox }),
    ...(schedules.count > 0 && { schedules }),
    ...(admission.count > 0 && { admission }),
    ...(limits.count > 0 && { limits }),
    ...statedCounts(counts),
  }
}

function statedCounts({ inputs, events, queued }: Counts): Pick<Commit, 'counts'> {
  if (inputs + events + queued === 0) return {}
  return { counts: { inputs, events, ...(queued > 0 && { queued }) } }
}
