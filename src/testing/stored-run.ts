import type { Record } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import { openHead } from '../../journal/head-reader.ts'
import { parseKey, ranges } from '../../journal/keys.ts'
import { JournalReader } from '../../journal/reader.ts'
import type { Store, StoreEntry } from '../../journal/store.ts'

/** What is to be known of a run before its records are read. */
export type RunFacts = Pick<Head, 'run' | 'workflow' | 'status' | 'parkedFor'>

/** A run of a journal, wherever that is kept. */
export interface StoredRun {
  readonly run: string
  /** Throws JOURNAL_CORRUPT if not even these can be read. */
  facts(): RunFacts
  /** Throws JOURNAL_CORRUPT. */
  records(): Promise<readonly Record[]>
}

/** The runs of a store, those that have not ended first; with those that have, if they are asked for. */
export async function* runsOfStore(store: Store, ended: boolean): AsyncGenerator<StoredRun> {
  const reader = new JournalReader(store)
  for (const range of ended ? [ranges.active(), ranges.ended()] : [ranges.active()]) {
    for await (const rows of store.scan(range)) {
      for (const row of rows) yield storedRun(row, reader)
    }
  }
}

function storedRun([key, value]: StoreEntry, reader: JournalReader): StoredRun {
  let head: Head | undefined
  const facts = (): Head => (head ??= openHead(key, value))
  return {
    run: parseKey.head(key),
    facts,
    async records() {
      const records: Record[] = []
      for await (const record of reader.records(facts())) records.push(record)
      return records
    },
  }
}
