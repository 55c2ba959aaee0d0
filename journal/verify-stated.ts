import { openLimit } from './admission.ts'
import type { Commit } from './commit.ts'
import { addKey, emptyDigest, sameDigest } from './digest.ts'
import { keys, ranges } from './keys.ts'
import { checkMark, openSchedule } from './schedule.ts'
import type { Pass, Report } from './verify-report.ts'

/** Rows that nothing but the newest commit tells of: there are those, and in the state, it states. */
export class StatedPass implements Pass {
  readonly range
  readonly #what: 'schedules' | 'limits'
  readonly #newest: Commit | undefined
  readonly #report: Report
  readonly #found = emptyDigest()

  constructor(what: 'schedules' | 'limits', newest: Commit | undefined, report: Report) {
    this.range = ranges[what]()
    this.#what = what
    this.#newest = newest
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    const open = this.#what === 'schedules' ? openSchedule : openLimit
    addKey(this.#found, checkMark(key, open(key, value).check))
  }

  end(): void {
    const newest = this.#newest
    if (newest === undefined) return
    const stated = newest[this.#what] ?? emptyDigest()
    if (sameDigest(stated, this.#found)) return
    const there = `there are ${this.#found.count} of them or others`
    const what = `it states ${stated.count} ${this.#what}, ${there}`
    this.#report.add(keys.commit(newest.commit), what)
  }
}
