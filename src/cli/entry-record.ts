import type { Entry } from '../../journal/entry.ts'
import type { Secrets } from '../inspect/secrets.ts'
import { maskedFacts } from './masked-entry.ts'
import type { EntryRecord } from './records/entry.ts'
import { isoText } from './times.ts'

/** An entry, and where and when it is. */
export interface PlacedEntry {
  readonly run: string
  readonly workflow: string
  readonly seq: number
  /** Wall clock, ms since the epoch. */
  readonly at: number
  readonly entry: Entry
  /** Id of the step it is of, where that is known. */
  readonly step?: string
}

export function entryRecordOf(placed: PlacedEntry, secrets: Pick<Secrets, 'mask'>): EntryRecord {
  const { run, workflow, seq, at, entry, step } = placed
  return {
    ...{ v: 1, kind: 'entry', run, workflow, seq, at: isoText(at), type: entry.type },
    ...(step !== undefined && { step }),
    facts: maskedFacts(entry, workflow, secrets),
  }
}
