import type { Commit } from './commit.ts'
import type { Journal } from './journal.ts'
import { keys } from './keys.ts'
import type { Meta } from './meta.ts'

/** A run to be removed, and when it ended. */
export interface Ended {
  readonly run: string
  readonly at: number
}

/** Deletes all there is of ended runs, in one commit that says so. Gives how many records it was. */
export async function removeRuns(journal: Journal, runs: readonly Ended[]): Promise<number> {
  // A late answer of one of them may still be on its way. Should it fail, so does what follows.
  await journal.append([]).catch(() => {})
  const recordKeys: string[][] = []
  for (const { run } of runs) {
    const own: string[] = []
    for await (const key of journal.recordKeys(run)) own.push(key)
    recordKeys.push(own)
  }
  await journal.change(group => {
    for (const [at, { run, at: endedAt }] of runs.entries()) {
      group.removeRun(run, endedAt, recordKeys[at] ?? [])
    }
  })
  return recordKeys.flat().length
}

/**
 * Deletes commit rows from the oldest on, as long as all their records are of removed runs. The
 * newest row always stays. Gives how many; at most so many at a time.
 */
export async function trimCommits(journal: Journal, meta: Meta, most: number): Promise<number> {
  await journal.append([]).catch(() => {})
  const spent: string[] = []
  let trimmed: Meta['trimmed']
  for await (const { key, commit, chain } of journal.commitRows(most)) {
    if (commit.commit === journal.tip.commit || (await isNeeded(journal, commit))) break
    spent.push(key)
    trimmed = { commit: commit.commit, chain }
  }
  // Trimming is itself a commit: for one row it would never come to an end.
  if (trimmed === undefined || spent.length === 1) return 0
  await journal.change(group => {
    for (const key of spent) group.del(key)
    group.put(keys.meta, { ...meta, trimmed })
  })
  return spent.length
}

async function isNeeded(journal: Journal, { records }: Commit): Promise<boolean> {
  for (const [run] of records) if ((await journal.head(run)) !== undefined) return true
  return false
}
