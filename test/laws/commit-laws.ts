import { isDeepStrictEqual } from 'node:util'
import { type Commit, chainHash } from '../../journal/commit.ts'
import { addKey, type Digest, emptyDigest, sameDigest } from '../../journal/digest.ts'
import { unseal } from '../../journal/envelope.ts'
import { headBody } from '../../journal/head.ts'
import { openHead } from '../../journal/head-reader.ts'
import { keys } from '../../journal/keys.ts'
import { dueOf, listenersOf } from '../../journal/pending.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { DiskWrite } from '../../src/testing/disk.ts'
import type { History } from './history.ts'
import type { Law } from './law.ts'

/** A commit that has just reached the disk; the rows and the history are as they are with it. */
export interface CommitSeen {
  readonly write: DiskWrite
  readonly key: string
  readonly row: Uint8Array
  readonly commit: Commit
  readonly epoch: number
  /** Which opening of the engine wrote it, counted from 1. */
  readonly opening: number
  readonly records: readonly StoredRecord[]
  readonly before: CommitSeen | undefined
  readonly history: History
}

export const commitLaws: readonly Law<CommitSeen>[] = [
  {
    name: 'commits are dense, and each carries the hash of the one before',
    fault({ key, commit, before }) {
      const number = (before?.commit.commit ?? 0) + 1
      if (commit.commit !== number || key !== keys.commit(number)) {
        return `${key} is commit ${commit.commit}, expected ${number}`
      }
      const hash = before === undefined ? Buffer.alloc(0) : chainHash(before.row)
      return hash.equals(commit.prev)
        ? undefined
        : `${key} does not carry the hash of its forerunner`
    },
  },
  {
    name: 'a commit lists every record that it holds',
    fault({ write, commit, records }) {
      const held = [...write.puts.keys()].filter(key => key.startsWith('e!'))
      if (held.length !== records.length) return `${held.length} held, ${records.length} listed`
      const wrong = records.find(({ check }, at) => commit.records[at]?.[2] !== check)
      return wrong && `the checksum of ${wrong.run}!${wrong.seq} is not the one listed`
    },
  },
  {
    name: 'each opening has the next epoch, and seals with it all that it writes',
    fault({ write, epoch, opening, before }) {
      const due = before === undefined ? 1 : before.epoch + (before.opening === opening ? 0 : 1)
      if (epoch !== due) return `epoch ${epoch}, expected ${due}`
      for (const [key, value] of write.puts) {
        const own = unseal(key, value).epoch
        if (own !== epoch) return `${key} is of epoch ${own}, not ${epoch}`
      }
      return undefined
    },
  },
  {
    name: 'recorded time never goes back',
    fault({ commit, records, before }) {
      let { at, elapsed } = before?.commit ?? { at: 0, elapsed: 0 }
      for (const record of [...records, commit]) {
        if (record.at < at) return `at ${record.at} after ${at}`
        if (record.elapsed < elapsed) return `elapsed ${record.elapsed} after ${elapsed}`
        ;({ at, elapsed } = record)
      }
      return undefined
    },
  },
  {
    name: 'recorded elapsed time is the time that passed',
    fault({ commit, records, epoch, history }) {
      const passed = passedIn(history, epoch)
      const { count } = history.opened
      const recorded = records.at(-1)?.elapsed ?? passed
      if (recorded === passed && commit.elapsed <= passed) return undefined
      return `${recorded}, but ${passed} has passed in opening ${count}`
    },
  },
  {
    name: 'a run that has ended has nothing open',
    fault({ records, history }) {
      for (const { run } of records) {
        const ledger = history.run(run)?.ledger
        if (ledger?.outcome !== undefined && ledger.open.size > 0) return run
      }
      return undefined
    },
  },
  {
    name: 'a run and its successor are written together',
    fault({ records, history }) {
      for (const { run, entries } of records) {
        const last = entries.at(-1)
        if (last?.type !== 'run.continued') continue
        const there = records.some(other => other.run === last.successor && other.seq === 0)
        if (!there) return `${run} is continued by ${last.successor}, which is not in the commit`
      }
      for (const { ledger } of history.runs.values()) {
        const { continuedAs } = ledger
        if (continuedAs !== undefined && history.run(continuedAs) === undefined) return continuedAs
      }
      return undefined
    },
  },
  {
    name: 'the indexes are the journal seen another way',
    fault({ history }) {
      const found = indexRows(history.rows.keys())
      const expected = rebuiltIndexes(history)
      const missing = expected.find(key => !found.has(key))
      if (missing !== undefined) return `${missing} is missing`
      for (const key of expected) found.delete(key)
      const [extra] = found
      return extra && `${extra} should not be there`
    },
  },
  {
    name: 'a head says what the records of its run add up to',
    fault({ records, history }) {
      for (const { run } of records) {
        const of = history.run(run)
        if (of === undefined) return `${run} has no records`
        const key = of.ledger.outcome === undefined ? keys.active(run) : keys.ended(run)
        const value = history.rows.get(key)
        if (value === undefined) return `${key} is missing`
        const expected = { run, ...headBody(of.ledger) }
        const found = openHead(key, value)
        if (!isDeepStrictEqual(found, expected)) {
          return `${key} says ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`
        }
      }
      return undefined
    },
  },
  {
    name: 'a commit states the digests of the indexes as they are with it',
    fault({ commit, history }) {
      const active = digestOf(history.rows, 'a!')
      const timers = digestOf(history.rows, 't!')
      const { waits = emptyDigest(), inbox = emptyDigest() } = commit
      if (!sameDigest(active, commit.active)) return 'the one of the runs is wrong'
      if (!sameDigest(timers, commit.timers)) return 'the one of the timers is wrong'
      if (!sameDigest(digestOf(history.rows, 'w!'), waits)) return 'the one of the waits is wrong'
      return sameDigest(digestOf(history.rows, 'b!'), inbox)
        ? undefined
        : 'the one of the inboxes is wrong'
    },
  },
]

/** Elapsed time as it is now, by the clocks alone. */
export function passedIn({ opened, commits, clock }: History, epoch: number): number {
  const { wall, elapsed } = opened
  const last = commits.findLast(other => other.epoch < epoch)?.commit
  const away = last === undefined ? wall : last.elapsed + Math.max(0, wall - last.at)
  return away + clock.elapsed() - elapsed
}

const indexRows = (all: Iterable<string>): Set<string> =>
  new Set([...all].filter(key => /^[aztfw]!/.test(key)))

function rebuiltIndexes({ runs }: History): string[] {
  const rebuilt: string[] = []
  for (const [run, { ledger }] of runs) {
    const { outcome } = ledger
    if (outcome === undefined) rebuilt.push(keys.active(run))
    else rebuilt.push(keys.ended(run), keys.endedAt(outcome.elapsed, run))
    for (const what of ledger.open.values()) {
      const timer = dueOf(what)
      if (timer !== undefined) rebuilt.push(keys.timer(timer.clock, timer.due, run, what.seq))
      if (listenersOf(what) !== undefined) rebuilt.push(keys.wait(run, what.seq))
    }
  }
  return rebuilt
}

function digestOf(rows: ReadonlyMap<string, Uint8Array>, prefix: string): Digest {
  const digest = emptyDigest()
  for (const key of rows.keys()) if (key.startsWith(prefix)) addKey(digest, key)
  return digest
}
