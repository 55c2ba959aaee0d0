import type { Journal } from '../../journal/journal.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import { oldRuns } from '../../journal/old-runs.ts'
import { openJournal } from '../../journal/open.ts'
import type { OpenedReader } from '../../journal/open-reader.ts'
import type { EndedRun } from '../../journal/reader.ts'
import { removeRuns, trimCommits } from '../../journal/upkeep.ts'
import type { Context } from './context.ts'
import { journalPlace } from './journal-dir.ts'
import { withRows } from './opened.ts'
import { Progress } from './progress.ts'

export interface OldRuns {
  /** Runs that ended so long ago, in ms. */
  readonly olderThan: number
  readonly status?: readonly RunStatus[]
}

/** What there is to remove in a journal that no engine has. */
export interface WouldCollect {
  readonly runs: number
  readonly durability: 'fsync' | 'os'
}

/** Looks into a copy: nothing is removed. */
export const wouldCollect = (context: Context, what: OldRuns): Promise<WouldCollect> =>
  withRows(context.globals, context.io, async ({ reader, meta, tip }: OpenedReader) => {
    let runs = 0
    // While no engine has it, time passes as the wall clock says, if that went forward.
    const away = Math.max(0, context.io.now() - (tip?.at ?? 0))
    const before = (tip?.elapsed ?? 0) + away - what.olderThan
    for await (const _ of oldRuns(reader, before, what.status)) runs++
    return { runs, durability: meta.durability }
  })

const RUNS_A_COMMIT = 100
const ROWS_A_COMMIT = 1_000

/** Has the journal meanwhile, as an engine would. Throws JOURNAL_LOCKED if one has it by now. */
export async function collectOffline(
  context: Context,
  what: OldRuns,
  { runs: total, durability }: WouldCollect,
): Promise<{ readonly runs: number; readonly records: number }> {
  const { io, globals } = context
  const { journal } = await openJournal({
    path: journalPlace(globals, io),
    now: io.now(),
    durability,
  })
  const progress = new Progress(context, 'removing')
  try {
    return await removeOld(journal, what, runs => progress.at(runs, total, 'runs'))
  } finally {
    progress.clear()
    await journal.close()
  }
}

async function removeOld(
  journal: Journal,
  { olderThan, status }: OldRuns,
  onProgress: (runs: number) => void,
): Promise<{ readonly runs: number; readonly records: number }> {
  let [runs, records] = [0, 0]
  let old: EndedRun[] = []
  const remove = async (): Promise<void> => {
    records += await removeRuns(journal, old)
    runs += old.length
    old = []
    onProgress(runs)
  }
  for await (const each of oldRuns(journal, journal.tip.elapsed - olderThan, status)) {
    old.push(each)
    if (old.length === RUNS_A_COMMIT) await remove()
  }
  if (old.length > 0) await remove()
  while ((await trimCommits(journal, ROWS_A_COMMIT)) === ROWS_A_COMMIT);
  return { runs, records }
}
