import { type Commit, chainHash } from './commit.ts'
import { unseal } from './envelope.ts'
import { keys } from './keys.ts'
import type { Anchor } from './leveldb/anchor.ts'
import type { Trimmed } from './meta.ts'
import { type Accounts, accountOf, extend } from './verify-account.ts'
import type { EventIdBooks } from './verify-event-ids.ts'
import { EventBooks } from './verify-events.ts'
import type { Pass, Report } from './verify-report.ts'

/** Commit rows: dense, each chained to the one before; takes down which records they list. */
export class CommitsPass implements Pass {
  readonly range = { gte: 'c!', lt: 'c"' }
  readonly #accounts: Accounts
  readonly #report: Report
  readonly #anchor: Anchor | undefined
  #next = 1
  /** Hash of the row before; unknown where that row is missing or cannot be read. */
  #chain: Buffer | undefined = Buffer.alloc(0)
  #before: { at: number; elapsed: number; epoch: number } = { at: 0, elapsed: 0, epoch: 0 }
  readonly books = new EventBooks()
  readonly #eventIds: EventIdBooks
  count = 0
  /** The newest row, unless it cannot be read. */
  newest: Commit | undefined

  constructor(
    accounts: Accounts,
    report: Report,
    anchor: Anchor | undefined,
    eventIds: EventIdBooks,
  ) {
    this.#accounts = accounts
    this.#report = report
    this.#anchor = anchor
    this.#eventIds = eventIds
  }

  /** Rows up to this one were removed, when nothing was left that they listed but events. */
  beginAfter({ commit, chain, events }: Trimmed): void {
    this.#next = commit + 1
    this.#chain = Buffer.from(chain)
    if (events !== undefined) this.books.events = { ...events }
  }

  see(key: string, value: Uint8Array): void {
    this.count++
    this.newest = undefined
    const commit = Number(key.slice(2))
    const chain = commit === this.#next ? this.#chain : undefined
    if (keys.commit(commit) !== key) return this.#report.add(key, 'it is not the key of a commit')
    if (commit > this.#next) this.#missing(commit)
    this.#next = commit + 1
    this.#chain = undefined
    const { epoch, body } = unseal(key, value)
    const row = body as Commit
    if (row.commit !== commit) this.#report.add(key, `it says it is commit ${row.commit}`)
    if (chain !== undefined && !chain.equals(row.prev)) {
      this.#report.add(key, 'it does not follow the commit before it')
    }
    this.#mustNotGoBack(key, { at: row.at, elapsed: row.elapsed, epoch })
    this.#takeDown(row)
    this.books.take(row)
    this.#eventIds.take(row)
    this.#chain = chainHash(value)
    this.#mustBeAnchored(key, commit, this.#chain)
    this.newest = row
  }

  /** The anchor names a commit that was acknowledged. */
  end(mayLoseTail: boolean): void {
    const newest = this.#next - 1
    const anchored = this.#anchor?.commit ?? 0
    if (anchored <= newest || mayLoseTail) return
    const what = `the journal ends here, but commit ${anchored} was acknowledged (ANCHOR)`
    this.#report.add(keys.commit(newest), what)
  }

  #missing(commit: number): void {
    const last = commit - 1
    const what = last === this.#next ? 'it is missing' : `it is missing, and all up to ${last} are`
    this.#report.add(keys.commit(this.#next), what)
  }

  #mustNotGoBack(key: string, now: { at: number; elapsed: number; epoch: number }): void {
    for (const name of ['at', 'elapsed', 'epoch'] as const) {
      if (now[name] >= this.#before[name]) continue
      this.#report.add(key, `its ${name} is before that of the commit before it`)
    }
    this.#before = now
  }

  #takeDown({ records, removed = [] }: Commit): void {
    for (const run of removed) this.#accounts.delete(run)
    for (const [run, seq, check] of records) {
      extend(accountOf(this.#accounts, run).listed, seq, check)
    }
  }

  #mustBeAnchored(key: string, commit: number, chain: Buffer): void {
    if (this.#anchor?.commit !== commit || this.#anchor.chain === chain.toString('hex')) return
    this.#report.add(key, 'it is not the commit that was acknowledged (ANCHOR)')
  }
}
