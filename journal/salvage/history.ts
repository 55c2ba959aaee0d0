import { type Commit, chainHash } from '../commit.ts'
import { unseal } from '../envelope.ts'
import { openHead } from '../head-reader.ts'
import { type KeyRange, keys, ranges } from '../keys.ts'
import type { Anchor } from '../leveldb/anchor.ts'
import type { Meta } from '../meta.ts'
import type { Row, Versions } from './versions.ts'

/** The newest record of a run that a commit lists. */
interface Listed {
  readonly seq: number
  readonly commit: number
}

/** What commits and heads that can be read say of the rows that must be there. */
export class History {
  meta: Meta | undefined
  newest: Commit | undefined
  /** Hash of its row. */
  chain = ''
  epoch = 0
  /** The highest number that any commit is known to have had. */
  highest = 0
  /** The newest commit that cannot be read; 0: there is none. */
  lastMissing = 0
  /** Commits at the end are gone, without a trace in the files. */
  tailIsLost = false
  readonly listed = new Map<string, Listed>()
  /** How many entries heads count. */
  readonly heads = new Map<string, number>()
  readonly removed = new Set<string>()
  readonly taken = new Set<string>()
  readonly forgotten = new Set<string>()
  /** Keys of inputs that wait, and of events that are there. */
  readonly waiting = new Set<string>()
  readonly events = new Set<string>()

  static async read(versions: Versions, anchor: Anchor | undefined): Promise<History> {
    const history = new History()
    for await (const { whole } of versions.scan({ gte: keys.meta, lt: `${keys.meta}\u0001` })) {
      if (whole !== undefined) history.meta = unseal(keys.meta, whole).body as Meta
    }
    await history.#readCommits(versions, anchor)
    for (const range of [ranges.active(), ranges.ended()]) await history.#readHeads(versions, range)
    return history
  }

  async #readCommits(versions: Versions, anchor: Anchor | undefined): Promise<void> {
    let next = (this.meta?.trimmed?.commit ?? 0) + 1
    for await (const { key, newest, whole } of versions.scan(ranges.commits())) {
      const number = Number(key.slice(2))
      if (newest === 'deleted' || keys.commit(number) !== key) continue
      this.highest = number
      if (number > next || whole === undefined)
        this.lastMissing = whole === undefined ? number : number - 1
      next = number + 1
      if (whole !== undefined) this.#take(key, whole)
    }
    this.epoch = Math.max(this.epoch, anchor?.epoch ?? 0)
    const acknowledged = anchor?.commit ?? 0
    if (acknowledged <= this.highest) return
    this.highest = acknowledged
    // Without fsync a power cut may take acknowledged commits, and it took all from one on.
    if (this.meta?.durability === 'os') return
    this.tailIsLost = true
    this.lastMissing = acknowledged
  }

  #take(key: string, row: Uint8Array): void {
    const { epoch, body } = unseal(key, row)
    const commit = body as Commit
    this.newest = commit
    this.chain = chainHash(row).toString('hex')
    this.epoch = Math.max(this.epoch, epoch)
    for (const run of commit.removed ?? []) {
      this.removed.add(run)
      this.listed.delete(run)
    }
    for (const [run, seq] of commit.records) {
      this.removed.delete(run)
      this.listed.set(run, { seq, commit: commit.commit })
    }
    for (const [run, n] of commit.posted ?? []) this.waiting.add(keys.inbox(run, n))
    for (const [run, n] of commit.taken ?? []) {
      this.waiting.delete(keys.inbox(run, n))
      this.taken.add(keys.inbox(run, n))
    }
    for (const [event] of commit.events ?? []) this.events.add(event)
    for (const [event] of commit.forgotten ?? []) {
      this.events.delete(event)
      this.forgotten.add(event)
    }
  }

  async #readHeads(versions: Versions, range: KeyRange): Promise<void> {
    for await (const { key, newest } of versions.scan(range)) {
      const head = headOf(key, newest)
      if (head === undefined || this.removed.has(head.run)) continue
      this.heads.set(head.run, Math.max(head.seq, this.heads.get(head.run) ?? 0))
    }
  }
}

const headOf = (key: string, newest: Row['newest']) =>
  typeof newest === 'string' ? undefined : openHead(key, newest)
