import { admissionRow } from './admission.ts'
import { addKey, emptyDigest } from './digest.ts'
import { headBody } from './head.ts'
import { keys, parseKey, ranges } from './keys.ts'
import { emptyLedger, type Ledger, noteRecord } from './ledger.ts'
import { dueOf, listenersOf, type Open } from './pending.ts'
import { openRecord, type StoredRecord } from './reader.ts'
import {
  type Account,
  type Accounts,
  accountOf,
  extend,
  printOf,
  sameListing,
} from './verify-account.ts'
import { faultOf, type Pass, type Report } from './verify-report.ts'

/** The run whose records are being read. */
interface Current {
  readonly run: string
  readonly account: Account
  readonly ledger: Ledger
  next: number
  /** Checksum of the record before; unknown after one that cannot be read. */
  link: number | undefined
}

/** Records, run by run: dense, chained, and folded into what the derived rows must say. */
export class RecordsPass implements Pass {
  readonly range = ranges.records()
  readonly #accounts: Accounts
  readonly #report: Report
  #current: Current | undefined
  runs = 0
  entries = 0
  /** What the derived rows must be, if no run is broken. */
  readonly active = emptyDigest()
  readonly timers = emptyDigest()
  readonly timerKeys = new Set<string>()
  readonly waits = emptyDigest()
  readonly admission = emptyDigest()
  /** What each row must say that is derived from what is open, by key. */
  readonly openRows = new Map<string, number>()
  /** Runs whose records are not those that the commits list. */
  readonly mismatched: string[] = []
  broken = false

  constructor(accounts: Accounts, report: Report) {
    this.#accounts = accounts
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const { run, seq } = parseKey.record(key)
    if (keys.record(run, seq) !== key) return this.#report.add(key, 'it is not the key of a record')
    const current = this.#current?.run === run ? this.#current : this.#begin(run)
    try {
      this.#follow(key, openRecord(key, value), current)
    } catch (error) {
      this.#break(current)
      current.link = undefined
      this.#report.addError(key, error, run)
    }
  }

  end(): void {
    this.#finish()
    for (const [run, account] of this.#accounts) {
      if (account.found.count === 0 && account.sum === undefined && !account.broken) {
        this.#breakAccount(account)
        this.mismatched.push(run)
      }
    }
  }

  #begin(run: string): Current {
    this.#finish()
    this.runs++
    const account = accountOf(this.#accounts, run)
    this.#current = { run, account, ledger: emptyLedger(run), next: 0, link: 0 }
    return this.#current
  }

  #follow(key: string, record: StoredRecord, current: Current): void {
    const { run, ledger, account, link } = current
    extend(account.found, record.seq, record.check)
    this.entries += record.entries.length
    if (link === undefined) {
      // What it follows cannot be read.
    } else if (record.seq !== current.next) {
      this.#break(current)
      const what = `it starts at ${record.seq}, but the record before it ends at ${current.next}`
      this.#report.add(key, what, run)
    } else if (record.link !== link) {
      this.#report.add(key, 'it does not follow the record before it', run)
    }
    if (record.at < ledger.at || record.elapsed < ledger.elapsed) {
      this.#report.add(key, 'its time is before that of the record before it', run)
    }
    current.next = record.seq + record.entries.length
    current.link = record.check
    if (account.broken) return
    try {
      noteRecord(ledger, record)
    } catch (error) {
      this.#break(current)
      this.#report.add(key, `its entries cannot follow what was before: ${faultOf(error)}`, run)
    }
  }

  #finish(): void {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    const { run, account, ledger, link = 0 } = current
    if (!sameListing(account.listed, account.found)) this.mismatched.push(run)
    if (account.broken) return
    const { outcome } = ledger
    ledger.link = link
    account.sum = {
      seq: ledger.seq,
      link,
      head: printOf(headBody(ledger)),
      ...(outcome !== undefined && { endedAt: outcome.elapsed }),
    }
    if (outcome === undefined) addKey(this.active, keys.active(run))
    for (const open of ledger.open.values()) this.#expectRows(ledger, open)
  }

  #expectRows({ run, workflow }: Ledger, open: Open): void {
    const timer = dueOf(open)
    if (timer !== undefined) {
      const key = keys.timer(timer.clock, timer.due, run, open.seq)
      this.timerKeys.add(key)
      addKey(this.timers, key)
    }
    const row = admissionRow(run, workflow, open)
    if (row !== undefined) {
      this.openRows.set(row.key, printOf(row.body))
      addKey(this.admission, row.key)
    }
    const on = listenersOf(open)
    if (on === undefined) return
    const key = keys.wait(run, open.seq)
    this.openRows.set(key, printOf({ kind: open.kind, on }))
    addKey(this.waits, key)
  }

  #break({ account }: Current): void {
    this.#breakAccount(account)
  }

  #breakAccount(account: Account): void {
    account.broken = true
    this.broken = true
  }
}
