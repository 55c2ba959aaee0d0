import { eventMark, type PostedRow } from '../commit.ts'
import { addKey, emptyDigest } from '../digest.ts'
import type { Record } from '../entry.ts'
import { seal } from '../envelope.ts'
import { keys } from '../keys.ts'
import { emptyLedger, type Ledger, noteRecord } from '../ledger.ts'
import type { Meta } from '../meta.ts'
import type { Store } from '../store.ts'
import type { Tip } from '../tip.ts'
import { Bulk } from './bulk.ts'
import { CommitRows } from './commit-rows.ts'
import type { DumpHeader } from './header.ts'
import type { OtherItem } from './item.ts'
import { RecordList } from './record-list.ts'
import { RunWriter } from './run-writer.ts'
import { Misshapen } from './shape.ts'

/** An event on its way to a run that is not there. */
export interface Undelivered {
  readonly run: string
  readonly n: number
  /** Key of the event. */
  readonly row: string
  readonly line: number
}

/**
 * Writes the rows of a journal on a store that is empty. It goes on where the other one had got to: the
 * commits before count as trimmed, and those that are written have higher numbers than any of them, so
 * that nothing that is derived from the number of a commit comes twice. Of what was read, memory keeps a
 * few numbers a record, the ids of the runs and what waits in inboxes.
 */
export class Loading {
  readonly #store: Store
  readonly #header: DumpHeader
  readonly #tip: Tip
  readonly #bulk: Bulk
  readonly #rows: RunWriter
  readonly #records = new RecordList()
  readonly #posted: PostedRow[] = []
  readonly #onTheirWay: Undelivered[] = []
  readonly #events = emptyDigest()
  #ledger: Ledger | undefined
  #newest = { at: 0, elapsed: 0 }
  /** When the newest of its ids of events was given. */
  #newestId = 0
  runs = 0
  entries = 0

  constructor(store: Store, header: DumpHeader) {
    this.#store = store
    this.#header = header
    this.#tip = tipOf(header)
    this.#bulk = new Bulk(store)
    this.#rows = new RunWriter(this.#bulk, this.#tip)
  }

  /** The next of a run, or the first of the next run. Throws `Misshapen` if it cannot follow. */
  addRecord(record: Record): void {
    const { run, seq, at, elapsed, entries } = record
    let ledger = this.#ledger
    if (ledger?.run !== run) {
      this.#finishRun()
      ledger = emptyLedger(run)
      this.#ledger = ledger
      this.runs++
    }
    note(ledger, record)
    const key = keys.record(run, seq)
    const sealed = seal(key, this.#tip.epoch, { at, elapsed, entries, link: ledger.link })
    this.#bulk.put(key, sealed.bytes)
    ledger.link = sealed.check
    this.#records.add(run, seq, sealed.check, at, elapsed)
    this.entries += entries.length
    if (elapsed >= this.#newest.elapsed) this.#newest = { at, elapsed }
    for (const entry of entries) {
      if (entry.type === 'queue.set') this.#count('queued', entry.place)
    }
  }

  add(item: OtherItem): void {
    switch (item.kind) {
      case 'schedule':
        this.#rows.putStated('schedules', keys.schedule(item.id), item.body, undefined)
        return
      case 'limit':
        this.#rows.putLimit(item.id, item.body, undefined)
        return
      case 'event': {
        const key = keys.event(item.body.name, item.at, item.n)
        addKey(this.#events, eventMark([key, this.#rows.put(key, item.body)]))
        return this.#count('events', item.n)
      }
      case 'eventId':
        this.#rows.put(keys.eventId(item.id), { at: item.at })
        this.#newestId = Math.max(this.#newestId, item.at)
        return
      case 'input': {
        const { run, n, input, line } = item
        const key = keys.inbox(run, n)
        this.#posted.push([run, n, this.#rows.put(key, input)])
        addKey(this.#tip.inbox, key)
        if (input.type === 'event.delivered') {
          this.#onTheirWay.push({ run, n, row: input.row, line })
        }
        return this.#count('inputs', n)
      }
      default:
        item satisfies never
    }
  }

  /** To be waited for, now and then, lest what was added piles up in memory. */
  get isFull(): boolean {
    return this.#bulk.isFull
  }

  write(): Promise<void> {
    return this.#bulk.write()
  }

  /** The events on their way that are not there. To be asked when all else was added. */
  async undelivered(): Promise<readonly Undelivered[]> {
    await this.#bulk.write()
    const missing: Undelivered[] = []
    for (const input of this.#onTheirWay) {
      if ((await this.#store.get(input.row)) === undefined) missing.push(input)
    }
    return missing
  }

  /** Writes what makes a journal of it. */
  async finish(): Promise<{ readonly meta: Meta; readonly tip: Tip }> {
    this.#finishRun()
    const { journal: id, durability, createdAt, commit, elapsed, at, secrets } = this.#header
    // Format 1 does not say: what passed since the newest record is told by the wall clock.
    const since = Math.max(0, at - this.#newest.at)
    const tip = { ...this.#tip, elapsed: elapsed ?? this.#newest.elapsed + since }
    const events = this.#events.count > 0 && { events: this.#events }
    // Its commits list no ids of events.
    const idsUntil = Math.max(at, this.#newest.at, this.#newestId)
    const trimmed = { commit, chain: tip.chain, at: idsUntil, ...events }
    const isBehind = commit > 0 || this.#events.count > 0 || this.#newestId > 0
    const hidden = secrets !== undefined && { secrets }
    const meta: Meta = { id, durability, createdAt, ...(isBehind && { trimmed }), ...hidden }
    this.#rows.put(keys.meta, meta)
    const commits = new CommitRows(this.#bulk, tip)
    await commits.addRecords(this.#records.inOrder())
    const reached = await commits.finish(this.#posted)
    await this.#bulk.write()
    return { meta, tip: reached }
  }

  discard(): Promise<void> {
    return this.#bulk.discard()
  }

  #finishRun(): void {
    if (this.#ledger !== undefined) this.#rows.finish(this.#ledger)
    this.#ledger = undefined
  }

  #count(what: 'inputs' | 'events' | 'queued', n: number): void {
    const { counts } = this.#tip
    counts[what] = Math.max(counts[what], n + 1)
  }
}

function note(ledger: Ledger, record: Record): void {
  if (record.at < ledger.at || record.elapsed < ledger.elapsed) {
    throw new Misshapen('its time is before that of the record before it')
  }
  try {
    noteRecord(ledger, record)
  } catch (error) {
    throw new Misshapen(error instanceof Error ? error.message : String(error))
  }
}

const tipOf = ({ epoch, commit, chain, at, elapsed, counts }: DumpHeader): Tip => ({
  epoch: epoch + 1,
  commit,
  // Where it is not known, the first row to come names as the one before what stands here.
  chain: commit > 0 && chain === '' ? Buffer.alloc(16) : Buffer.from(chain, 'hex'),
  at,
  elapsed: elapsed ?? at,
  active: emptyDigest(),
  timers: emptyDigest(),
  waits: emptyDigest(),
  inbox: emptyDigest(),
  schedules: emptyDigest(),
  admission: emptyDigest(),
  limits: emptyDigest(),
  counts: { ...counts },
})
