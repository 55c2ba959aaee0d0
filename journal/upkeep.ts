import { type Commit, countEvents } from './commit.ts'
import { emptyDigest } from './digest.ts'
import type { Record } from './entry.ts'
import { corrupt } from './envelope.ts'
import type { StoredRow } from './event-reader.ts'
import type { Journal } from './journal.ts'
import { keys } from './keys.ts'
import type { Trimmed } from './meta.ts'
import type { EndedRun } from './reader.ts'

/** Deletes all there is of ended runs, in one commit that says so. Gives how many records it was. */
export async function removeRuns(journal: Journal, runs: readonly EndedRun[]): Promise<number> {
  // A late answer of one of them may still be on its way. Should it fail, so does what follows.
  await journal.append([]).catch(() => {})
  const recordKeys: string[][] = []
  for (const { run } of runs) {
    const own: string[] = []
    for await (const key of journal.recordKeys(run)) own.push(key)
    recordKeys.push(own)
  }
  await journal.change(group => {
    for (const [at, { run, elapsed }] of runs.entries()) {
      group.removeRun(run, elapsed, recordKeys[at] ?? [])
    }
  })
  return recordKeys.flat().length
}

/**
 * Deletes events that were stored before a time, but for those that an inbox refers to; at most so
 * many in a commit. Whoever delivers events must not reach back that far meanwhile. Gives how many.
 */
export async function forgetEvents(
  journal: Journal,
  before: number,
  most: number,
): Promise<number> {
  const needed = new Set<string>()
  for await (const { input } of journal.inputs()) {
    if (input.type === 'event.delivered') needed.add(input.row)
  }
  let count = 0
  for (;;) {
    const old: StoredRow[] = []
    for await (const row of journal.eventsBefore(before)) {
      if (!needed.has(row.key)) old.push(row)
      if (old.length === most) break
    }
    if (old.length > 0) {
      await journal.change(group => {
        for (const { key, check } of old) group.forget(key, check)
      })
    }
    count += old.length
    if (old.length < most) return count
  }
}

/** How long the id of an event is known. */
export const IDS_KEPT_MS = 86_400_000

/**
 * Deletes the ids of events that were last given before a time; at most so many in a commit, which
 * says that it is that late: from it `verify` tells which ids must be there. `givenMeanwhile` says
 * whether an id was given again since this was called.
 */
export async function forgetEventIds(
  journal: Journal,
  before: number,
  most: number,
  givenMeanwhile: (key: string) => boolean,
  now: Pick<Record, 'at' | 'elapsed'>,
): Promise<void> {
  await journal.append([]).catch(() => {})
  let old: string[] = []
  const remove = async (): Promise<void> => {
    const keys = old
    old = []
    await journal.change(group => {
      group.passTime(now)
      for (const key of keys) if (!givenMeanwhile(key)) group.del(key)
    })
  }
  for await (const key of journal.eventIdsBefore(before)) {
    old.push(key)
    if (old.length === most) await remove()
  }
  if (old.length > 0) await remove()
}

/**
 * Deletes commit rows from the oldest on, as long as all their records are of removed runs and the
 * inputs they posted were taken. The newest row always stays. Gives how many; at most so many at a
 * time.
 */
export async function trimCommits(journal: Journal, most: number): Promise<number> {
  await journal.append([]).catch(() => {})
  const meta = await journal.meta()
  if (meta === undefined) throw corrupt(keys.meta, 'it is missing')
  const events = { ...(meta.trimmed?.events ?? emptyDigest()) }
  const spent: string[] = []
  let trimmed: Trimmed | undefined
  for await (const { key, commit, chain } of journal.commitRows(most)) {
    if (commit.commit === journal.tip.commit || (await isNeeded(journal, commit))) break
    spent.push(key)
    countEvents(events, commit)
    const at = Math.max(commit.at, meta.trimmed?.at ?? 0)
    trimmed = { commit: commit.commit, chain, at, ...(events.count > 0 && { events }) }
  }
  // Trimming is itself a commit: for one row it would never come to an end.
  if (trimmed === undefined || spent.length === 1) return 0
  await journal.change(group => {
    for (const key of spent) group.del(key)
    group.put(
      keys.meta,
      journal.nextMeta(meta, now => ({ ...now, trimmed })),
    )
  })
  return spent.length
}

async function isNeeded(journal: Journal, { records, posted = [] }: Commit): Promise<boolean> {
  for (const [run] of records) if ((await journal.head(run)) !== undefined) return true
  for (const [run, n] of posted) if (await journal.hasInput(run, n)) return true
  return false
}
