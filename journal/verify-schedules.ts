import type { Commit } from './commit.ts'
import { addKey, emptyDigest, sameDigest } from './digest.ts'
import { keys, ranges } from './keys.ts'
import { checkMark, openSchedule } from './schedule.ts'
import type { Pass, Report } from './verify-report.ts'

/** Schedules: those, and in the state, that the newest commit states. */
export class SchedulesPass implements Pass {
  readonly range = ranges.schedules()
  readonly #newest: Commit | undefined
  readonly #report: Report
  readonly #found = emptyDigest()

  constructor(newest: Commit | undefined, report: Report) {
    this.#newest = newest
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    addKey(this.#found, checkMark(key, openSchedule(key, value).check))
  }

  end(): void {
    const newest = this.#newest
    if (newest === undefined) return
    const stated = newest.schedules ?? emptyDigest()
    if (sameDigest(stated, this.#found)) return
    const what = `it states ${stated.count} schedules, there are ${this.#found.count} of them or others`
    this.#report.add(keys.commit(newest.commit), what)
  }
}
