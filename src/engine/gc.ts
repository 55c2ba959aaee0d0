import type { Journal } from '../../journal/journal.ts'
import { keys } from '../../journal/keys.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import { oldRuns } from '../../journal/old-runs.ts'
import type { EndedRun } from '../../journal/reader.ts'
import {
  forgetEventIds,
  forgetEvents,
  IDS_KEPT_MS,
  removeRuns,
  trimCommits,
} from '../../journal/upkeep.ts'
import type { Moment } from '../run/retry.ts'
import type { Dispatcher } from './dispatcher.ts'

/** What a collection removed. */
export interface Collected {
  readonly runs: number
  readonly records: number
  readonly events: number
}

/** What to collect, where it is not just what is due. */
export interface Collection {
  /** Runs that ended so long ago, in ms, in place of the retention. */
  readonly olderThan?: number
  /** Only runs that ended so. */
  readonly status?: readonly RunStatus[]
  /** Counts the runs that would go, and removes nothing. */
  readonly dryRun?: boolean
}

/** How much longer than what looks back may look, in case it is looking now. */
const EVENTS_LONGER_MS = 3_600_000

// A commit must stay small beside what runs are writing meanwhile.
const RUNS_A_COMMIT = 100
const ROWS_A_COMMIT = 1_000

export interface GarbageHost {
  readonly journal: Journal
  /** Both clocks, for a record. */
  readonly now: Moment
  readonly retention: number
  readonly dispatcher: Pick<Dispatcher, 'watch'>
  /** The run is about to be removed. */
  forget(run: string): void
  /** Forgets what limits remember for nothing, little by little: each time it goes on it does some. */
  forgetMarks(most: number): Iterable<Promise<void>>
}

/** Removes what is old: one collection at a time. */
export class Collector {
  #collecting: Promise<unknown> | undefined

  collect(what: Collection = {}, host: GarbageHost): Promise<Collected> {
    const work = (): Promise<Collected> => collectGarbage(what, host)
    const collecting = (this.#collecting ?? Promise.resolve()).then(work)
    this.#collecting = collecting.catch(() => {})
    return collecting
  }
}

/**
 * Removes what there is of runs that ended longer ago than the retention, in time that passed,
 * oldest first; events that are as old, which nothing looks back to any more; and ids of events
 * after a day. Runs that continue each other are removed once the last one ended that long ago:
 * until then their ids lead to that one.
 */
async function collectGarbage(what: Collection, host: GarbageHost): Promise<Collected> {
  const { journal, now, retention } = host
  const { runs, records } = await collectRuns(what, host)
  if (what.dryRun === true) return { runs, records, events: 0 }
  const events = await forgetEvents(journal, now.at - retention - EVENTS_LONGER_MS, ROWS_A_COMMIT)
  await collectIds(host)
  await collectMarks(host)
  while ((await trimCommits(journal, ROWS_A_COMMIT)) === ROWS_A_COMMIT);
  return { runs, records, events }
}

async function collectMarks({ forgetMarks }: GarbageHost): Promise<void> {
  for (const some of forgetMarks(ROWS_A_COMMIT)) await some
}

async function collectIds({ journal, dispatcher, now }: GarbageHost): Promise<void> {
  const given = new Set<string>()
  const end = dispatcher.watch(({ id }) => void given.add(keys.eventId(id)))
  try {
    await forgetEventIds(journal, now.at - IDS_KEPT_MS, ROWS_A_COMMIT, key => given.has(key), now)
  } finally {
    end()
  }
}

async function collectRuns(
  { olderThan, status, dryRun = false }: Collection,
  { journal, now, retention, forget }: GarbageHost,
): Promise<Pick<Collected, 'runs' | 'records'>> {
  const before = now.elapsed - (olderThan ?? retention)
  let runs = 0
  let records = 0
  let ended: EndedRun[] = []
  const remove = async (): Promise<void> => {
    runs += ended.length
    if (!dryRun) {
      for (const { run } of ended) forget(run)
      records += await removeRuns(journal, ended)
    }
    ended = []
  }
  for await (const each of oldRuns(journal, before, status)) {
    ended.push(each)
    if (ended.length === RUNS_A_COMMIT) await remove()
  }
  if (ended.length > 0) await remove()
  return { runs, records }
}
