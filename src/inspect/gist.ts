import type { Entry, Record } from '../../journal/entry.ts'
import { saysNoSuchRun } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import { emptyLedger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { Open } from '../../journal/pending.ts'
import type { JournalReader, StoredRecord } from '../../journal/reader.ts'

/** What a list says of a run that its head does not. */
export interface Gist {
  readonly run: string
  /** Steps that have ended well; absent: the run is too long to be read for a list. */
  readonly steps?: number
  /** How it ended, if that says more than its status. */
  readonly end?: End
  /** What it waits for. */
  readonly open: readonly Open[]
}

type End = Extract<
  Entry,
  { type: 'run.failed' | 'run.cancelled' | 'run.skipped' | 'run.continued' }
>

/** Entries. Longer runs are not read; those that are short are all read at once. */
const LONGEST = 2_000
const SHORT = 32

/** Of runs, without those that were removed since their heads were read. */
export async function gistsOf(
  reader: Pick<JournalReader, 'records' | 'shortRuns'>,
  heads: readonly Head[],
): Promise<readonly Gist[]> {
  const short = heads.filter(({ seq }) => seq <= SHORT)
  const found = await reader.shortRuns(short)
  const known = new Map(short.map((head, at) => [head, found[at]]))
  const gists: Gist[] = []
  for (const head of heads) {
    const records = known.get(head)
    const gist = records === undefined ? await read(reader, head) : gistOf(head, records)
    if (gist !== undefined) gists.push(gist)
  }
  return gists
}

async function read(reader: Pick<JournalReader, 'records'>, head: Head): Promise<Gist | undefined> {
  if (head.seq > LONGEST) return gistOf(head, [])
  const records: StoredRecord[] = []
  try {
    for await (const record of reader.records(head)) records.push(record)
  } catch (error) {
    if (saysNoSuchRun(error)) return undefined
    throw error
  }
  return gistOf(head, records)
}

/** Of a run that these are all records of, unless it is too long. */
export function gistOf({ run, status, seq }: Head, records: readonly Record[]): Gist {
  if (seq > LONGEST) return { run, open: [] }
  const ledger = emptyLedger(run)
  // Of what has ended nothing is open.
  const hasOpen = !isFinal(status)
  let steps = 0
  let end: End | undefined
  for (const record of records) {
    if (hasOpen) noteRecord(ledger, record)
    for (const entry of record.entries) {
      if (entry.type === 'step.succeeded') steps++
      if (isEnd(entry)) end = entry
    }
  }
  return { run, steps, ...(end !== undefined && { end }), open: [...ledger.open.values()] }
}

const isEnd = (entry: Entry): entry is End =>
  entry.type === 'run.failed' ||
  entry.type === 'run.cancelled' ||
  entry.type === 'run.skipped' ||
  entry.type === 'run.continued'
