import { type Digest, emptyDigest, sameDigest } from './digest.ts'
import { unseal } from './envelope.ts'
import { noJournal } from './first-look.ts'
import { keys, ranges } from './keys.ts'
import type { Anchor } from './leveldb/anchor.ts'
import type { Meta } from './meta.ts'
import type { Store } from './store.ts'
import type { Accounts } from './verify-account.ts'
import { CommitsPass } from './verify-commits.ts'
import { EventIdBooks, EventIdsPass, eventIdsSince, explainEventIds } from './verify-event-ids.ts'
import { type EventBooks, EventsPass, InboxPass } from './verify-events.ts'
import { findHeadless, HeadsPass } from './verify-heads.ts'
import { EndedPass, strayPasses, TimersPass } from './verify-indexes.ts'
import { explainListings } from './verify-listing.ts'
import { OpenRowsPass } from './verify-open.ts'
import { RecordsPass } from './verify-records.ts'
import { type Finding, type Pass, Report, walk } from './verify-report.ts'
import { StatedPass } from './verify-stated.ts'

/** How much was read. */
export interface Verified {
  readonly runs: number
  readonly entries: number
  readonly commits: number
  /** Of keys and values. */
  readonly bytes: number
}

/** What is known of the journal from elsewhere. */
export interface VerifyOptions {
  /** What the directory says was acknowledged. */
  readonly anchor?: Anchor
  /** Told now and then how many bytes of keys and values were read so far. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Reads all of a journal and yields what is wrong with it; returns how much it read. Nothing else
 * may write to the store meanwhile. Every row's checksum and identity; commits dense and chained,
 * and their records neither more, fewer nor others than there are; runs dense and chained; heads
 * and indexes against what the records add up to. Memory grows with the number of runs only.
 *
 * Throws JOURNAL_UNUSABLE for a store that is no journal.
 */
export async function* verify(
  store: Store,
  { anchor, onProgress }: VerifyOptions = {},
): AsyncGenerator<Finding, Verified> {
  const report = new Report(onProgress)
  const accounts: Accounts = new Map()
  const sealed = await store.get(keys.meta)
  const meta = sealed === undefined ? undefined : openMeta(sealed, report)
  const eventIds = new EventIdBooks(await eventIdsSince(store, meta))
  const commits = new CommitsPass(accounts, report, anchor, eventIds)
  if (meta?.trimmed !== undefined) commits.beginAfter(meta.trimmed)
  yield* walk(store, commits, report)
  if (sealed === undefined) mustHaveMeta(store, commits.count, report)
  commits.end(meta?.durability === 'os')
  const records = new RecordsPass(accounts, report)
  yield* walk(store, records, report)
  records.end()
  yield* report.take()
  yield* explainListings(store, records.mismatched)
  const stated = (['schedules', 'limits'] as const).map(
    what => new StatedPass(what, commits.newest, report),
  )
  const passes: DerivedPass[] = derived(accounts, records, commits.books, report)
  for (const pass of passes.concat(new EventIdsPass(eventIds, report), stated)) {
    yield* walk(store, pass, report)
    pass.end?.()
  }
  yield* explainEventIds(store, eventIds)
  mustAgree(commits, records, report)
  yield* report.take()
  const { runs, entries } = records
  return { runs, entries, commits: commits.count, bytes: report.bytes }
}

interface DerivedPass extends Pass {
  end?(): void
}

function derived(
  accounts: Accounts,
  records: RecordsPass,
  books: EventBooks,
  report: Report,
): DerivedPass[] {
  const ended = new HeadsPass('ended', accounts, report)
  const { range } = ended
  const open = {
    expected: records.openRows,
    isBroken: (run: string) => accounts.get(run)?.broken === true,
  }
  return [
    new HeadsPass('active', accounts, report),
    {
      range,
      see: (key, value) => ended.see(key, value),
      end: () => findHeadless(accounts, report),
    },
    new EndedPass(accounts, report),
    new TimersPass(accounts, records.timerKeys, report),
    new OpenRowsPass(ranges.waits(), 'waits for', open, report),
    new OpenRowsPass(ranges.queued(), 'waits for', open, report),
    new OpenRowsPass(ranges.held(), 'holds', open, report),
    new InboxPass(books, report),
    new EventsPass(books, report),
    { range: ranges.recovery(), see: (key, value) => void unseal(key, value) },
    ...strayPasses(report),
  ]
}

function openMeta(value: Uint8Array, report: Report): Meta | undefined {
  report.bytes += keys.meta.length + value.length
  try {
    return unseal(keys.meta, value).body as Meta
  } catch (error) {
    report.addError(keys.meta, error)
    return undefined
  }
}

function mustHaveMeta(store: Store, commits: number, report: Report): void {
  if (commits === 0) throw noJournal(store.place)
  report.add(keys.meta, 'it is missing')
}

/** What the newest commit says of the rows that opening relies on. */
function mustAgree({ newest, books }: CommitsPass, records: RecordsPass, report: Report): void {
  if (newest === undefined || records.broken) return
  const compare = (what: string, stated: Digest, found: Digest, who = 'records'): void => {
    if (sameDigest(stated, found)) return
    const place = keys.commit(newest.commit)
    report.add(place, `it states ${stated.count} ${what}, but the ${who} say ${found.count}`)
  }
  compare('runs that have not ended', newest.active, records.active)
  compare('open timers', newest.timers, records.timers)
  compare('open waits', newest.waits ?? emptyDigest(), records.waits)
  const admission = 'rows of runs that wait, hold or gather'
  compare(admission, newest.admission ?? emptyDigest(), records.admission)
  compare('inputs in inboxes', newest.inbox ?? emptyDigest(), books.waiting, 'commits')
}
