import { unseal } from './envelope.ts'
import { keys, parseKey, ranges } from './keys.ts'
import type { Accounts } from './verify-account.ts'
import type { Pass, Report } from './verify-report.ts'

/** Runs by the elapsed time at which they ended. */
export class EndedPass implements Pass {
  readonly range = { gte: 'f!', lt: 'f"' }
  readonly #accounts: Accounts
  readonly #report: Report

  constructor(accounts: Accounts, report: Report) {
    this.#accounts = accounts
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const { run, elapsed } = parseKey.endedAt(key)
    const account = this.#accounts.get(run)
    if (account?.broken) account.isIndexed = true
    else if (account?.sum?.endedAt !== elapsed || keys.endedAt(elapsed, run) !== key) {
      return this.#report.add(key, 'no run of this id ended at this time', run)
    } else account.isIndexed = true
    unseal(key, value)
  }

  end(): void {
    for (const [run, { sum, isIndexed }] of this.#accounts) {
      if (sum?.endedAt === undefined || isIndexed) continue
      this.#report.add(keys.endedAt(sum.endedAt, run), 'it is missing: its run has ended', run)
    }
  }
}

/** Open timers by due time. */
export class TimersPass implements Pass {
  readonly range = ranges.timers()
  readonly #accounts: Accounts
  readonly #report: Report
  /** Those that must be there and were not seen yet. */
  readonly #expected: Set<string>

  constructor(accounts: Accounts, expected: Set<string>, report: Report) {
    this.#accounts = accounts
    this.#expected = expected
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const { run } = parseKey.timer(key)
    const isKnown = this.#expected.delete(key)
    if (!isKnown && !this.#accounts.get(run)?.broken) {
      return this.#report.add(key, 'no run waits for this timer', run)
    }
    unseal(key, value)
  }

  end(): void {
    for (const key of this.#expected) {
      this.#report.add(key, 'it is missing: its run waits for it', parseKey.timer(key).run)
    }
  }
}

/** Rows between the known keyspaces. */
export function strayPasses(report: Report): readonly Pass[] {
  const see = (key: string): void => report.add(key, 'it is not a key of a journal')
  const borders = ['', ...KNOWN.flat(), '\u{10ffff}']
  return Array.from({ length: borders.length / 2 }, (_, gap) => {
    return { range: { gte: borders[2 * gap] ?? '', lt: borders[2 * gap + 1] ?? '' }, see }
  })
}

/** From and to of each keyspace, in order. */
const KNOWN = [
  ['a!', 'a"'],
  ['b!', 'b"'],
  ['c!', 'c"'],
  ['e!', 'e"'],
  ['f!', 'f"'],
  ['h!', 'h"'],
  ['i!', 'i"'],
  ['k!', 'k"'],
  [keys.meta, `${keys.meta}\0`],
  [keys.recovery, `${keys.recovery}\0`],
  ['q!', 'q"'],
  ['s!', 's"'],
  ['t!', 't"'],
  ['v!', 'v"'],
  ['w!', 'w"'],
  ['z!', 'z"'],
] as const
