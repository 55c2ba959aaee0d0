import { isDeepStrictEqual } from 'node:util'
import type { Commit } from '../../journal/commit.ts'
import { JournalError } from '../../journal/error.ts'
import type { StoredEvent } from '../../journal/event.ts'
import type { InboxInput, StoredWait } from '../../journal/event-reader.ts'
import { type Head, headBody } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { keys, parseKey, type TimerKey } from '../../journal/keys.ts'
import { emptyLedger, noteRecord } from '../../journal/ledger.ts'
import { dueOf } from '../../journal/pending.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { EVENTS } from './population.ts'

/** All that can be read of a journal. What cannot be read is the error instead. */
export interface Portrait {
  readonly active: Readable<readonly string[]>
  readonly ended: Readable<readonly string[]>
  readonly timers: Readable<readonly TimerKey[]>
  readonly endedAt: Readable<readonly { readonly elapsed: number; readonly run: string }[]>
  /** Without the one that taking the portrait's journal wrote itself. */
  readonly commits: Readable<readonly Commit[]>
  /** What runs listen for, and what waits in inboxes, as the opening came across them. */
  readonly waits: readonly StoredWait[]
  readonly inbox: readonly PortraitInput[]
  readonly events: Readable<readonly { readonly row: string; readonly event: StoredEvent }[]>
  readonly runs: ReadonlyMap<string, Readable<PortraitRun>>
}

/** An input that was taken later than the portrait shows cannot be told any more. */
type PortraitInput = Pick<InboxInput, 'run' | 'n'> & Partial<InboxInput>

/** What an opening comes across. */
export type Found = Pick<Portrait, 'waits' | 'inbox'>

interface PortraitRun {
  readonly head: Head | undefined
  readonly records: readonly StoredRecord[]
}

type Readable<Value> = Value | JournalError

const FAR = Number.MAX_SAFE_INTEGER

/** `known` are runs to read besides those that the journal lists. */
export async function portray(
  journal: Journal,
  found: Found,
  known: Iterable<string>,
): Promise<Portrait> {
  const active = await attempt(async () => runsOf(await collect(journal.heads('active'))))
  const ended = await attempt(async () => runsOf(await collect(journal.heads('ended'))))
  const timers = await attempt(async () => [
    ...(await collect(journal.timers('elapsed', 0, FAR))),
    ...(await collect(journal.timers('wall', 0, FAR))),
  ])
  const endedAt = await attempt(() => collect(journal.endedBefore(FAR, FAR)))
  const events = await attempt(async () =>
    (await Promise.all(EVENTS.map(name => collect(journal.events(name, 0))))).flat(),
  )
  const commits = await attempt(async () => (await collect(journal.commits())).slice(0, -1))
  const runs = new Map<string, Readable<PortraitRun>>()
  const listed = [active, ended].flatMap(list => (list instanceof JournalError ? [] : list))
  for (const run of new Set([...listed, ...known])) {
    runs.set(run, await attempt(() => readRun(journal, run)))
  }
  return { active, ended, timers, endedAt, commits, ...found, events, runs }
}

/** Where two portraits differ, leaving out what could not be read; empty if nowhere. */
export function differences(found: Portrait, expected: Portrait): string[] {
  const lists = (
    ['active', 'ended', 'timers', 'endedAt', 'commits', 'waits', 'events'] as const
  ).filter(
    name =>
      !(found[name] instanceof JournalError || isDeepStrictEqual(found[name], expected[name])),
  )
  const runs = [...found.runs].filter(
    ([run, read]) =>
      !(read instanceof JournalError || isDeepStrictEqual(read, expected.runs.get(run) ?? nothing)),
  )
  const inbox = sameInbox(found.inbox, expected.inbox) ? [] : ['inbox']
  return [...lists, ...inbox, ...runs.map(([run]) => `run ${run}`)]
}

const sameInbox = (found: Portrait['inbox'], expected: Portrait['inbox']): boolean =>
  found.length === expected.length &&
  expected.every(({ run, n, input }, at) => {
    const same = found[at]
    return (
      same?.run === run &&
      same.n === n &&
      (input === undefined || isDeepStrictEqual(same.input, input))
    )
  })

export function faults({ runs, waits: _, inbox: __, ...lists }: Portrait): JournalError[] {
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
  return { ...indexes(runs, whole), ...mailThen(whole, all.slice(count)), commits, runs }
}

/** Inboxes and events as they were before these commits, the last. */
function mailThen(whole: Portrait, later: readonly Commit[]): Pick<Portrait, 'inbox' | 'events'> {
  const inbox = new Map(whole.inbox.map(each => [keys.inbox(each.run, each.n), each] as const))
  for (const { taken = [] } of later) {
    for (const [run, n] of taken) inbox.set(keys.inbox(run, n), { run, n })
  }
  for (const { posted = [] } of later) {
    for (const [run, n] of posted) inbox.delete(keys.inbox(run, n))
  }
  const stored = new Set(later.flatMap(({ events = [] }) => events.map(([key]) => key)))
  return {
    inbox: [...inbox].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
    events: readable(whole.events).filter(({ row }) => !stored.has(row)),
  }
}

const nothing: PortraitRun = { head: undefined, records: [] }

function headOf(run: string, records: readonly StoredRecord[]): Head {
  const ledger = emptyLedger(run)
  for (const record of records) noteRecord(ledger, record)
  ledger.link = records.at(-1)?.check ?? 0
  return { run, ...headBody(ledger) }
}

function indexes(
  runs: Portrait['runs'],
  whole: Portrait,
): Omit<Portrait, 'commits' | 'runs' | 'inbox' | 'events'> {
  const active: string[] = []
  const timers: string[] = []
  const waits: [string, StoredWait][] = []
  for (const [run, read] of runs) {
    const ledger = emptyLedger(run)
    for (const record of readable(read).records) noteRecord(ledger, record)
    if (ledger.seq > 0 && ledger.outcome === undefined) active.push(run)
    for (const open of ledger.open.values()) {
      const timer = dueOf(open)
      if (timer !== undefined) timers.push(keys.timer(timer.clock, timer.due, run, open.seq))
      if (open.kind !== 'wait' && open.kind !== 'cancel') continue
      const { seq, kind, on } = open
      waits.push([keys.wait(run, seq), { run, seq, kind, on }])
    }
  }
  const endedThen = (run: string): boolean =>
    readable(runs.get(run) ?? nothing).head?.outcome !== undefined
  return {
    active: active.sort(),
    ended: readable(whole.ended).filter(endedThen),
    timers: timers.sort().map(parseKey.timer),
    waits: waits.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wait]) => wait),
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
