import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import type { Entry, EventFacts } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import { ranges } from '../../journal/keys.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { LevelStore } from '../../journal/level-store.ts'
import { copyConsistent } from '../../journal/leveldb/copy.ts'
import { JournalReader, openCommit, type StoredRecord } from '../../journal/reader.ts'
import { mustBeSound } from './soundness.ts'

/** What a dead process left behind, read from a copy of its journal. */
export type Snapshot = ReadonlyMap<string, RunFacts>

export interface RunFacts {
  readonly head: Head
  readonly records: readonly StoredRecord[]
  readonly ledger: Ledger
  /** All its entries: the place in the list is the seq. */
  readonly entries: readonly Fact[]
  /** Events in its inbox that join it, and are in no record yet. */
  readonly joining: readonly EventFacts[]
  /** It waited, and something was first put into its inbox: not before this, on the elapsed clock. */
  readonly letIn: number | undefined
}

export type Fact = { readonly entry: Entry; readonly record: StoredRecord }

/** Throws when the journal does not add up. One that was never begun is empty. */
export async function snapshotOf(journal: string): Promise<Snapshot> {
  // LevelDB writes CURRENT when it has made all the rest: before that there is no journal.
  if (!existsSync(join(journal, 'CURRENT'))) return new Map()
  const copy = `${journal}-copy`
  await copyConsistent(journal, copy)
  const db = new Level<string, Uint8Array>(copy, {
    createIfMissing: false,
    keyEncoding: 'utf8',
    valueEncoding: 'view',
  })
  await db.open()
  const free = { fence: () => {}, release: async () => {} }
  const store = new LevelStore({ place: copy, db, sync: false, ...free })
  try {
    const snapshot = await readRuns(new JournalReader(store), await firstPosts(store))
    await mustBeSound(store, snapshot)
    return snapshot
  } finally {
    await store.close()
    await rm(copy, { recursive: true })
  }
}

async function readRuns(
  reader: JournalReader,
  posts: ReadonlyMap<string, number>,
): Promise<Snapshot> {
  const runs = new Map<string, RunFacts>()
  const joining = await readJoining(reader)
  for (const which of ['active', 'ended'] as const) {
    for await (const head of reader.heads(which)) {
      if (runs.has(head.run)) throw new Error(`run ${head.run} has two heads`)
      const records: StoredRecord[] = []
      for await (const record of reader.records(head)) records.push(record)
      const facts = factsOf(head, records)
      const { run } = head
      runs.set(run, { ...facts, joining: joining.get(run) ?? [], letIn: posts.get(run) })
    }
  }
  return runs
}

async function readJoining(reader: JournalReader): Promise<ReadonlyMap<string, EventFacts[]>> {
  const joining = new Map<string, EventFacts[]>()
  for await (const { run, input } of reader.inputs()) {
    if (input.type !== 'run.joined') continue
    const events = input.events.flatMap(({ event }) => event ?? [])
    joining.set(run, [...(joining.get(run) ?? []), ...events])
  }
  return joining
}

/** What the time was in the commit before the one that first posted something to a run. */
async function firstPosts(store: LevelStore): Promise<ReadonlyMap<string, number>> {
  const posts = new Map<string, number>()
  let before = 0
  for await (const chunk of store.scan(ranges.commits())) {
    for (const [key, value] of chunk) {
      const { posted = [], elapsed } = openCommit(key, value)
      for (const [run] of posted) if (!posts.has(run)) posts.set(run, before)
      before = elapsed
    }
  }
  return posts
}

function factsOf(
  head: Head,
  records: readonly StoredRecord[],
): Omit<RunFacts, 'joining' | 'letIn'> {
  const ledger = emptyLedger(head.run)
  for (const record of records) noteRecord(ledger, record)
  const entries = records.flatMap(record => record.entries.map(entry => ({ entry, record })))
  return { head, records, ledger, entries }
}
