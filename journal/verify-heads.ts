import type { Head } from './head.ts'
import { openHead } from './head-reader.ts'
import { keys, ranges } from './keys.ts'
import { type Accounts, printOf, type RunSum } from './verify-account.ts'
import type { Pass, Report } from './verify-report.ts'

/** Heads of one kind: each says what the records of its run add up to. */
export class HeadsPass implements Pass {
  readonly range
  readonly #which: 'active' | 'ended'
  readonly #accounts: Accounts
  readonly #report: Report

  constructor(which: 'active' | 'ended', accounts: Accounts, report: Report) {
    this.range = which === 'active' ? ranges.active() : ranges.ended()
    this.#which = which
    this.#accounts = accounts
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const run = key.slice(2)
    const account = this.#accounts.get(run)
    if (account === undefined) return this.#report.add(key, 'its run has no records', run)
    const { sum } = account
    if (sum !== undefined && (sum.endedAt === undefined) !== (this.#which === 'active')) {
      return this.#report.add(key, this.#misplaced(), run)
    }
    account.hasHead = true
    const head = openHead(key, value)
    const fault = sum === undefined ? undefined : faultIn(head, sum)
    if (fault !== undefined) this.#report.add(key, fault, run)
  }

  #misplaced(): string {
    return this.#which === 'active'
      ? 'it counts its run among those that have not ended, but it has'
      : 'it counts its run among those that have ended, but it has not'
  }
}

/** After both passes: every run has its head. */
export function findHeadless(accounts: Accounts, report: Report): void {
  for (const [run, { sum, hasHead }] of accounts) {
    if (sum === undefined || hasHead) continue
    const key = sum.endedAt === undefined ? keys.active(run) : keys.ended(run)
    report.add(key, 'it is missing: there are records of its run', run)
  }
}

function faultIn({ run: _, ...head }: Head, sum: RunSum): string | undefined {
  if (head.seq !== sum.seq) return `it counts ${head.seq} entries, but there are ${sum.seq}`
  if (head.link !== sum.link) return 'it names another newest record than there is'
  if (printOf(head) !== sum.head) return 'it does not say what the records of its run add up to'
  return undefined
}
