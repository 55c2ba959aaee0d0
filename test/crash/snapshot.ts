import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import type { Entry } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { LevelStore } from '../../journal/level-store.ts'
import { copyConsistent } from '../../journal/leveldb/copy.ts'
import { JournalReader, type StoredRecord } from '../../journal/reader.ts'
import { mustBeSound } from './soundness.ts'

/** What a dead process left behind, read from a copy of its journal. */
export type Snapshot = ReadonlyMap<string, RunFacts>

export interface RunFacts {
  readonly head: Head
  readonly records: readonly StoredRecord[]
  readonly ledger: Ledger
  /** All its entries: the place in the list is the seq. */
  readonly entries: readonly Fact[]
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
    const snapshot = await readRuns(new JournalReader(store))
    await mustBeSound(store, snapshot)
    return snapshot
  } finally {
    await store.close()
    await rm(copy, { recursive: true })
  }
}

async function readRuns(reader: JournalReader): Promise<Snapshot> {
  const runs = new Map<string, RunFacts>()
  for (const which of ['active', 'ended'] as const) {
    for await (const head of reader.heads(which)) {
      if (runs.has(head.run)) throw new Error(`run ${head.run} has two heads`)
      const records: StoredRecord[] = []
      for await (const record of reader.records(head)) records.push(record)
      runs.set(head.run, factsOf(head, records))
    }
  }
  return runs
}

function factsOf(head: Head, records: readonly StoredRecord[]): RunFacts {
  const ledger = emptyLedger(head.run)
  for (const record of records) noteRecord(ledger, record)
  const entries = records.flatMap(record => record.entries.map(entry => ({ entry, record })))
  return { head, records, ledger, entries }
}
