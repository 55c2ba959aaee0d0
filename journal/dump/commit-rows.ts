import { type Commit, type CommittedRecord, chainHash, type PostedRow } from '../commit.ts'
import { corrupt, seal } from '../envelope.ts'
import { stated } from '../group.ts'
import { keys } from '../keys.ts'
import type { Tip } from '../tip.ts'
import type { Bulk } from './bulk.ts'
import type { TimedRecord } from './record-list.ts'

/** A commit row goes when all its runs are removed: a large one stays long. */
const RECORDS = 250
const INPUTS = 1_000

interface Instant {
  readonly at: number
  readonly elapsed: number
}

/**
 * Writes commit rows for what is in the store by then. Each states what there is in the end: before the
 * last of them is written there is no journal.
 */
export class CommitRows {
  readonly #bulk: Bulk
  readonly #tip: Tip
  #commit: number
  #chain: Buffer
  #now: Instant = { at: 0, elapsed: 0 }

  /** Behind the commit of the tip, in its epoch. */
  constructor(bulk: Bulk, tip: Tip) {
    this.#bulk = bulk
    this.#tip = tip
    this.#commit = tip.commit
    this.#chain = tip.chain
  }

  async addRecords(records: Iterable<TimedRecord>): Promise<void> {
    let rows: CommittedRecord[] = []
    for (const { row, at, elapsed } of records) {
      this.#pass({ at, elapsed }, keys.record(row[0], row[1]))
      rows.push(row)
      if (rows.length < RECORDS) continue
      await this.#add({ records: rows })
      rows = []
    }
    if (rows.length > 0) await this.#add({ records: rows })
  }

  /** Adds what waits in inboxes, as of the times of the tip; gives how far the journal has got. */
  async finish(posted: readonly PostedRow[]): Promise<Tip> {
    const { at, elapsed } = this.#tip
    this.#pass({ at: Math.max(at, this.#now.at), elapsed: Math.max(elapsed, this.#now.elapsed) })
    let from = 0
    do {
      const rows = posted.slice(from, from + INPUTS)
      await this.#add({ records: [], ...(rows.length > 0 && { posted: rows }) })
      from += INPUTS
    } while (from < posted.length)
    return { ...this.#tip, commit: this.#commit, chain: this.#chain, ...this.#now }
  }

  #pass(now: Instant, place = 'c!'): void {
    if (now.at < this.#now.at) {
      throw corrupt(place, 'its wall clock is behind that of records with less time elapsed')
    }
    this.#now = now
  }

  async #add(what: Pick<Commit, 'records' | 'posted'>): Promise<void> {
    const row: Commit = {
      commit: ++this.#commit,
      ...this.#now,
      prev: this.#chain,
      ...what,
      ...stated(this.#tip),
    }
    const key = keys.commit(row.commit)
    const { bytes } = seal(key, this.#tip.epoch, row)
    this.#bulk.put(key, bytes)
    this.#chain = chainHash(bytes)
    if (this.#bulk.isFull) await this.#bulk.write()
  }
}
