import type { Journal } from '../../journal/journal.ts'
import type { Meta } from '../../journal/meta.ts'
import { type Ended, removeRuns, trimCommits } from '../../journal/upkeep.ts'

/** What a collection removed. */
export interface Collected {
  readonly runs: number
  readonly records: number
}

// A commit must stay small beside what runs are writing meanwhile.
const RUNS_A_COMMIT = 100
const ROWS_A_COMMIT = 1_000

/** Removes what there is of runs that ended before a time, oldest first. */
export async function collectGarbage(
  { journal, meta }: { readonly journal: Journal; readonly meta: Meta },
  before: number,
  forget: (run: string) => void,
): Promise<Collected> {
  let runs = 0
  let records = 0
  for (;;) {
    const ended: Ended[] = []
    for await (const each of journal.endedBefore(before, RUNS_A_COMMIT)) {
      ended.push(each)
      forget(each.run)
    }
    if (ended.length === 0) break
    records += await removeRuns(journal, ended)
    runs += ended.length
  }
  while ((await trimCommits(journal, meta, ROWS_A_COMMIT)) === ROWS_A_COMMIT);
  return { runs, records }
}
