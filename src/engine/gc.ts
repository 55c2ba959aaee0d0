import type { Journal } from '../../journal/journal.ts'

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
  journal: Journal,
  before: number,
  forget: (run: string) => void,
): Promise<Collected> {
  let runs = 0
  let records = 0
  for (;;) {
    const ended: { run: string; endedAt: number }[] = []
    for await (const { run, at } of journal.endedBefore(before, RUNS_A_COMMIT)) {
      ended.push({ run, endedAt: at })
      forget(run)
    }
    if (ended.length === 0) break
    records += await journal.remove(ended)
    runs += ended.length
  }
  while ((await journal.trim(ROWS_A_COMMIT)) === ROWS_A_COMMIT);
  return { runs, records }
}
