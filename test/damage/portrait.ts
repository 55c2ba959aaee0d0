import { isDeepStrictEqual } from 'node:util'
import type { Commit } from '../../journal/commit.ts'
import { JournalError } from '../../journal/error.ts'
import { type Head, headBody } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { keys, parseKey, type TimerKey } from '../../journal/keys.ts'
import { emptyLedger, noteRecord } from '../../journal/ledger.ts'
import type { StoredRecord } from '../../journal/reader.ts'

/** All that can be read of a journal. What cannot be read is the error instead. */
export interface Portrait {
  readonly active: Readable<readonly string[]>
  readonly ended: Readable<readonly string[]>
  readonly timers: Readable<readonly TimerKey[]>
  readonly endedAt: Readable<readonly { readonly at: number; readonly run: string }[]>
  /** Without the one that taking the portrait's journal wrote itself. */
  readonly commits: Readable<readonly Commit[]>
  readonly runs: ReadonlyMap<string, Readable<PortraitRun>>
}

interface PortraitRun {
  readonly head: Head | undefined
  readonly records: readonly StoredRecord[]
}

type Readable<Value> = Value | JournalError

const FAR = Number.MAX_SAFE_INTEGER

/** `known` are runs to read besides those that the journal lists. */
export async function portray(journal: Journal, known: Iterable<string>): Promise<Portrait> {
  const active = await attempt(async () => runsOf(await collect(journal.heads('active'))))
  const ended = await attempt(async () => runsOf(await collect(journal.heads('ended'))))
  const timers = await attempt(async () => [
    ...(await collect(journal.timers('elapsed', 0, FAR))),
    ...(await collect(journal.timers('wall', 0, FAR))),
  ])
  const endedAt = await attempt(() => collect(journal.endedBefore(FAR, FAR)))
  const commits = await attempt(async () => (await collect(journal.commits())).slice(0, -1))
  const runs = new Map<string, Readable<PortraitRun>>()
  const listed = [active, ended].flatMap(list => (list instanceof JournalError ? [] : list))
  for (const run of new Set([...listed, ...known])) {
    runs.set(run, await attempt(() => readRun(journal, run)))
  }
  return { active, ended, timers, endedAt, commits, runs }
}

/** Where two portraits differ, leaving out what could not be read; empty if nowhere. */
export function differences(found: Portrait, expected: Portrait): string[] {
  const lists = (['active', 'ended', 'timers', 'endedAt', 'commits'] as const).filter(
    name =>
      !(found[name] instanceof JournalError || isDeepStrictEqual(found[name], expected[name])),
  )
  const runs = [...found.runs].filter(
    ([run, read]) =>
      !(read instanceof JournalError || isDeepStrictEqual(read, expected.runs.get(run) ?? nothing)),
  )
  return [...lists, ...runs.map(([run]) => `run ${run}`)]
}

export function faults({ runs, ...lists }: Portrait): JournalError[] {
  return [...Object.values(lists), ...runs.values()].filter(
    (read): read is JournalError => read instanceof JournalError,
  )
}

/** The portrait as it was after the first `count` commits, told from the whole one. */
export function earlier(whole: Portrait, count: number): Portrait {
  const all = readable(whole.commits)
  const commits = all.slice(0, count)
  if (all.slice(count).some(({ removed }) => removed !== undefined)) {
    throw new Error('what was removed later cannot be told')
  }
  const written = new Set(
    commits.flatMap(({ records }) => records.map(([run, seq]) => `${run}!${seq}`)),
  )
  const runs = new Map<string, PortraitRun>()
  for (const [run, read] of whole.runs) {
    const records = readable(read).records.filter(({ seq }) => written.has(`${run}!${seq}`))
    runs.set(run, records.length === 0 ? nothing : { head: headOf(run, records), records })
  }
  return { ...indexes(runs, whole), commits, runs }
}

const nothing: PortraitRun = { head: undefined, records: [] }

function headOf(run: string, records: readonly StoredRecord[]): Head {
  const ledger = emptyLedger(run)
  for (const record of records) noteRecord(ledger, record)
  ledger.link = records.at(-1)?.check ?? 0
  return { run, ...headBody(ledger) }
}

function indexes(runs: Portrait['runs'], whole: Portrait): Omit<Portrait, 'commits' | 'runs'> {
  const active: string[] = []
  const timers: string[] = []
  for (const [run, read] of runs) {
    const ledger = emptyLedger(run)
    for (const record of readable(read).records) noteRecord(ledger, record)
    if (ledger.seq > 0 && ledger.outcome === undefined) active.push(run)
    for (const open of ledger.open.values()) {
      if (open.kind !== 'step') timers.push(keys.timer(open.clock, open.due, run, open.seq))
    }
  }
  const endedThen = (run: string): boolean =>
    readable(runs.get(run) ?? nothing).head?.outcome !== undefined
  return {
    active: active.sort(),
    ended: readable(whole.ended).filter(endedThen),
    timers: timers.sort().map(parseKey.timer),
    endedAt: readable(whole.endedAt).filter(({ run }) => endedThen(run)),
  }
}

function readable<Value>(read: Readable<Value>): Value {
  if (read instanceof JournalError) throw read
  return read
}

async function readRun(journal: Journal, run: string): Promise<PortraitRun> {
  const head = await journal.head(run)
  return head === undefined ? nothing : { head, records: await collect(journal.records(head)) }
}

async function attempt<Value>(read: () => Promise<Value>): Promise<Readable<Value>> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof JournalError) return error
    throw error
  }
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

const runsOf = (heads: readonly Head[]): string[] => heads.map(({ run }) => run)
