import assert from 'node:assert/strict'
import { type Commit, chainHash } from '../../journal/commit.ts'
import type { Record } from '../../journal/entry.ts'
import { unseal } from '../../journal/envelope.ts'
import { JournalError } from '../../journal/error.ts'
import type { Journal } from '../../journal/journal.ts'
import { ranges } from '../../journal/keys.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { type StartOptions, startJournal } from '../../journal/start.ts'
import type { Store } from '../../journal/store.ts'
import type { StoreSubject } from './subject.ts'

export const NOW = Date.UTC(2030, 0, 1)

type Found = Pick<StartOptions, 'onWait' | 'onInput' | 'onQueued' | 'onHeld'>

export const start = (
  store: Store,
  now = NOW,
  found: Found = {},
): ReturnType<typeof startJournal> => startJournal(store, { durability: 'fsync', now, ...found })

/** The journal, opened again: on a store that keeps nothing, beside the one before. */
export async function startAgain(
  journal: Journal,
  { store, reopen }: StoreSubject,
  now = NOW,
  found: Found = {},
): Promise<{ readonly journal: Journal; readonly store: Store }> {
  await journal.append([]).catch(() => {})
  if (reopen === undefined) return { ...(await start(store, now, found)), store }
  await journal.close()
  const again = await reopen()
  return { ...(await start(again, now, found)), store: again }
}

export const withoutLinks = ({ link: _, check: __, ...record }: StoredRecord): Record => record

export const isCorrupt = (error: unknown): boolean =>
  error instanceof JournalError &&
  error.code === 'JOURNAL_CORRUPT' &&
  error.facts.place !== undefined

/** Each commit row names the hash of the row before it, and none is left out. */
export async function mustChain(store: Store, count: number): Promise<void> {
  let prev = Buffer.alloc(0)
  let commit = 0
  for await (const chunk of store.scan(ranges.commits())) {
    for (const [key, value] of chunk) {
      const row = unseal(key, value).body as Commit
      assert.equal(row.commit, ++commit)
      assert.ok(prev.equals(row.prev))
      prev = Buffer.from(chainHash(value))
    }
  }
  assert.equal(commit, count)
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}
