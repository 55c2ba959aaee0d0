import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { Source } from '../inspect/source.ts'

/** What the records of a run add up to. Throws RUN_NOT_FOUND. */
export async function foldRun(
  run: string,
  source: Source,
  onRecord: (record: StoredRecord) => void = () => {},
): Promise<Ledger> {
  const ledger = emptyLedger(run)
  for await (const page of source.records(run)) {
    for (const record of page) {
      noteRecord(ledger, record)
      onRecord(record)
    }
  }
  return ledger
}
