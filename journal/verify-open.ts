import { unseal } from './envelope.ts'
import { type KeyRange, parseKey } from './keys.ts'
import { printOf } from './verify-account.ts'
import type { Pass, Report } from './verify-report.ts'

/** What a verification knows of the rows that are derived from what is open in runs. */
export interface OpenRows {
  /** What each must say, by key; those that were seen are taken out. */
  readonly expected: Map<string, number>
  /** Of such a run nothing can be said. */
  isBroken(run: string): boolean
}

/** Rows of one kind of open things: waits, places in lanes, what runs hold. */
export class OpenRowsPass implements Pass {
  readonly range: KeyRange
  readonly #verb: 'waits for' | 'holds'
  readonly #rows: OpenRows
  readonly #report: Report

  constructor(range: KeyRange, verb: 'waits for' | 'holds', rows: OpenRows, report: Report) {
    this.range = range
    this.#verb = verb
    this.#rows = rows
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const { expected, isBroken } = this.#rows
    const print = expected.get(key)
    expected.delete(key)
    const { body } = unseal(key, value)
    const run = runOf(key)
    if (print === undefined) {
      if (!isBroken(run)) this.#report.add(key, `no run ${this.#verb} this`, run)
    } else if (print !== printOf(body as object)) {
      this.#report.add(key, `it does not say what its run ${this.#verb}`, run)
    }
  }

  end(): void {
    const { gte, lt } = this.range
    for (const key of this.#rows.expected.keys()) {
      if (key < gte || key >= lt) continue
      this.#report.add(key, `it is missing: its run ${this.#verb} it`, runOf(key))
    }
  }
}

const runOf = (key: string): string =>
  (key.startsWith('q!') ? parseKey.queued(key) : parseKey.record(key)).run
