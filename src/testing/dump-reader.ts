import { createReadStream } from 'node:fs'
import type { DumpItem } from '../../journal/dump/item.ts'
import { readDump } from '../../journal/dump/reader.ts'
import type { Record } from '../../journal/entry.ts'
import { JournalError } from '../../journal/error.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { StoredRun } from './stored-run.ts'

/**
 * The runs of a dump, one in memory at a time. Throws JOURNAL_UNUSABLE if the file is no dump,
 * JOURNAL_CORRUPT if it is cut or was changed, JOURNAL_FORMAT if a later release wrote it; what is wrong
 * inside one run is thrown where that is read.
 */
export async function* runsOfDump(path: string, ended: boolean): AsyncGenerator<StoredRun> {
  let current: Gathered | undefined
  for await (const items of readDump(createReadStream(path), path)) {
    for (const item of items) {
      const run = runOf(item)
      if (run === undefined) continue
      if (current?.run !== run) {
        if (current !== undefined) yield* storedRun(current, ended)
        current = { run, ledger: emptyLedger(run), records: [], damage: undefined }
      }
      take(current, item)
    }
  }
  if (current !== undefined) yield* storedRun(current, ended)
}

interface Gathered {
  readonly run: string
  readonly ledger: Ledger
  readonly records: Record[]
  damage: JournalError | undefined
}

function runOf(item: DumpItem): string | undefined {
  if (item.kind === 'record') return item.record.run
  return item.kind === 'damage' ? item.run : undefined
}

function take(gathered: Gathered, item: DumpItem): void {
  if (gathered.damage !== undefined) return
  if (item.kind === 'damage') gathered.damage = item.error
  if (item.kind !== 'record') return
  const { ledger, records, run } = gathered
  try {
    noteRecord(ledger, item.record)
    records.push(item.record)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `Line ${item.line} of the dump, of run ${run}: ${why}`
    gathered.damage = new JournalError('JOURNAL_CORRUPT', message, {
      hint: 'Dump the journal again.',
      facts: { run, line: item.line },
      cause,
    })
  }
}

function* storedRun(gathered: Gathered, ended: boolean): Generator<StoredRun> {
  const { run, ledger, records, damage } = gathered
  if (damage !== undefined) {
    const fail = (): never => {
      throw damage
    }
    yield { run, facts: fail, records: async () => fail() }
    return
  }
  if (isFinal(ledger.status) && !ended) return
  const { workflow, status, parkedFor } = ledger
  const facts = { run, workflow, status, ...(parkedFor !== undefined && { parkedFor }) }
  yield { run, facts: () => facts, records: async () => records }
}
