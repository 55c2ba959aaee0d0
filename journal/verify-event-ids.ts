import type { Commit, GivenId } from './commit.ts'
import { addKey, emptyDigest, sameDigest } from './digest.ts'
import { openEventId } from './event-reader.ts'
import { keys, parseKey, ranges } from './keys.ts'
import type { Meta } from './meta.ts'
import { openCommit } from './reader.ts'
import type { Store, StoreEntry } from './store.ts'
import { IDS_KEPT_MS } from './upkeep.ts'
import type { Finding, Pass, Report } from './verify-report.ts'

/**
 * Ids of events: those that the commits list, and their rows. Compared is what was given since a
 * moment, by sums: before that, rows may have been removed, and the commits that list them.
 */
export class EventIdBooks {
  /** What is as old as this is not compared; absent: the newest commit cannot be read. */
  readonly since: number | undefined
  readonly #listed = emptyDigest()
  readonly #found = emptyDigest()

  constructor(since: number | undefined) {
    this.since = since
  }

  take(commit: Commit): void {
    for (const id of this.#ofLate(commit.ids)) addKey(this.#listed, mark(id))
  }

  see(key: string, value: Uint8Array): void {
    const { at } = openEventId(key, value)
    for (const id of this.#ofLate([[key, at]])) addKey(this.#found, mark(id))
  }

  get agree(): boolean {
    return sameDigest(this.#listed, this.#found)
  }

  #ofLate(ids: readonly GivenId[] = []): readonly GivenId[] {
    const { since } = this
    return since === undefined ? [] : ids.filter(([, at]) => at > since)
  }
}

const mark = ([key, at]: GivenId): string => `${key}/${at}`

/** From when on what was given must be known and listed. */
export async function eventIdsSince(
  store: Store,
  meta: Meta | undefined,
): Promise<number | undefined> {
  const at = await newestAt(store)
  if (at === undefined || meta === undefined) return undefined
  const { trimmed } = meta
  const since = at - IDS_KEPT_MS
  return trimmed === undefined ? since : trimmed.at && Math.max(since, trimmed.at)
}

async function newestAt(store: Store): Promise<number | undefined> {
  try {
    for await (const chunk of store.scan(ranges.commits(), { reverse: true, limit: 1 })) {
      for (const [key, value] of chunk) return openCommit(key, value).at
    }
  } catch {
    // What is wrong with it is told where all commits are read.
  }
  return undefined
}

/** The rows of ids: each under its own key. */
export class EventIdsPass implements Pass {
  readonly range = ranges.eventIds()
  readonly #books: EventIdBooks
  readonly #report: Report

  constructor(books: EventIdBooks, report: Report) {
    this.#books = books
    this.#report = report
  }

  see(key: string, value: Uint8Array): void {
    this.#books.see(key, value)
    if (keys.eventId(parseKey.eventId(key)) === key) return
    this.#report.add(key, 'it is not the key of the id of an event')
  }
}

type Side = (row: StoreEntry) => readonly GivenId[]

const listed: Side = row => readable(row, (key, value) => openCommit(key, value).ids ?? [])
const stored: Side = row => readable(row, (key, value) => [[key, openEventId(key, value).at]])

// What cannot be read has been told of.
function readable(
  [key, value]: StoreEntry,
  read: (key: string, value: Uint8Array) => readonly GivenId[],
): readonly GivenId[] {
  try {
    return read(key, value)
  } catch {
    return []
  }
}

/** So many ids at a time, lest memory grows with what is there. */
const IDS_AT_ONCE = 100_000

/** Says where the sums differ which ids these are. */
export async function* explainEventIds(
  store: Store,
  { since, agree }: EventIdBooks,
): AsyncGenerator<Finding> {
  if (since === undefined || agree) return
  const rows = { range: ranges.eventIds(), ids: late(stored, since) }
  const commits = { range: ranges.commits(), ids: late(listed, since) }
  for await (const place of missingIn(store, commits, rows)) {
    const value = await store.get(place)
    const what = value === undefined ? 'it is missing: a commit lists it' : OTHER
    if (value === undefined || stored([place, value]).length > 0) yield { place, what }
  }
  for await (const place of missingIn(store, rows, commits)) {
    yield { place, what: 'no commit lists it with its time' }
  }
}

const OTHER = 'it is not of the time with which a commit lists it'

interface Ids {
  readonly range: { readonly gte: string; readonly lt: string }
  readonly ids: Side
}

async function* missingIn(store: Store, all: Ids, others: Ids): AsyncGenerator<string> {
  const some = new Map<string, string>()
  const unmatched = async (): Promise<readonly string[]> => {
    for await (const id of idsOf(store, others)) some.delete(mark(id))
    const left = [...some.values()]
    some.clear()
    return left
  }
  for await (const id of idsOf(store, all)) {
    some.set(mark(id), id[0])
    if (some.size === IDS_AT_ONCE) yield* await unmatched()
  }
  yield* await unmatched()
}

async function* idsOf(store: Store, { range, ids }: Ids): AsyncGenerator<GivenId> {
  for await (const chunk of store.scan(range)) for (const row of chunk) yield* ids(row)
}

const late =
  (side: Side, since: number): Side =>
  row =>
    side(row).filter(([, at]) => at > since)
