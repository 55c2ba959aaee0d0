import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Entry, Record } from '../../journal/entry.ts'
import { entryFromJson } from '../../journal/entry-from-json.ts'
import { JournalError } from '../../journal/error.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { StoredRun } from './stored-run.ts'

/**
 * The runs of a dump (the format is in journal/dump.ts), one in memory at a time. Throws
 * JOURNAL_UNUSABLE if the file is no dump, JOURNAL_CORRUPT if it is cut; what is wrong inside one run is
 * thrown where that is read.
 */
export async function* runsOfDump(path: string, ended: boolean): AsyncGenerator<StoredRun> {
  const tally = { runs: 0, entries: 0 }
  let lines: Line[] = []
  let last: Line | undefined
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const line = parsed(text, path)
    if (last === undefined) mustBeHeader(line, path)
    last = line
    if (line.kind !== 'entry') continue
    tally.entries++
    if (lines[0]?.run !== line.run) {
      tally.runs++
      yield* runOf(lines, ended)
      lines = []
    }
    lines.push(line)
  }
  yield* runOf(lines, ended)
  if (last?.kind !== 'trailer' || last.runs !== tally.runs || last.entries !== tally.entries) {
    throw new JournalError('JOURNAL_CORRUPT', `The dump ${path} is cut: its end is missing.`, {
      hint: 'Dump the journal again, all of it.',
      facts: { path, found: tally },
    })
  }
}

interface Line {
  readonly kind?: unknown
  readonly run?: unknown
  readonly [fact: string]: unknown
}

function parsed(text: string, path: string): Line {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null) return line as Line
  } catch {
    // It is no dump, or a damaged one: both are said below.
  }
  throw noDump(path)
}

function mustBeHeader({ kind, format }: Line, path: string): void {
  if (kind !== 'header' || format !== 1) throw noDump(path)
}

const noDump = (path: string): JournalError =>
  new JournalError('JOURNAL_UNUSABLE', `${path} is no dump of a journal.`, {
    hint: 'Name a directory of a journal, or a file that `perdure dump <dir> --json` wrote.',
    facts: { path },
  })

function* runOf(lines: readonly Line[], ended: boolean): Generator<StoredRun> {
  const [first] = lines
  if (first === undefined) return
  const run = String(first.run)
  const read = readRun(run, lines)
  if ('damage' in read) {
    const fail = (): never => {
      throw read.damage
    }
    yield { run, facts: fail, records: async () => fail() }
    return
  }
  const { ledger, records } = read
  if (isFinal(ledger.status) && !ended) return
  const { workflow, status, parkedFor } = ledger
  const facts = { run, workflow, status, ...(parkedFor !== undefined && { parkedFor }) }
  yield { run, facts: () => facts, records: async () => records }
}

type Read =
  | { readonly ledger: Ledger; readonly records: readonly Record[] }
  | { readonly damage: JournalError }

function readRun(run: string, lines: readonly Line[]): Read {
  const ledger = emptyLedger(run)
  try {
    const records = recordsOf(run, lines)
    for (const record of records) noteRecord(ledger, record)
    return { ledger, records }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const damage = new JournalError('JOURNAL_CORRUPT', `Run ${run} of the dump: ${why}`, {
      hint: 'Dump the journal again.',
      facts: { run },
      cause,
    })
    return { damage }
  }
}

interface OpenRecord extends Record {
  readonly entries: Entry[]
}

// A dump does not say where a record begins. An input begins one; that the start of a run may stand
// behind another input makes no difference to a replay.
function recordsOf(run: string, lines: readonly Line[]): readonly Record[] {
  const records: OpenRecord[] = []
  for (const [place, line] of lines.entries()) {
    const { kind: _, run: __, seq, at, elapsed, type, ...facts } = line
    if (seq !== place) throw new Error(`entry ${place} is missing`)
    const entry = entryFromJson(type, facts)
    const last = records.at(-1)
    if (last !== undefined && !beginsRecord(entry)) last.entries.push(entry)
    else
      records.push({ run, seq: place, at: Number(at), elapsed: Number(elapsed), entries: [entry] })
  }
  return records
}

function beginsRecord({ type }: Entry): boolean {
  switch (type) {
    case 'run.scheduled':
    case 'run.joined':
    case 'run.started':
    case 'run.paused':
    case 'run.resumed':
    case 'run.cancel_requested':
    case 'run.parked':
    case 'run.unparked':
    case 'step.succeeded':
    case 'step.failed':
    case 'step.late':
    case 'timer.fired':
    case 'event.received':
    case 'child.finished':
    case 'code.woke':
      return true
    case 'step.scheduled':
    case 'timer.set':
    case 'wait.set':
    case 'child.started':
    case 'event.sent':
    case 'start.set':
    case 'cancel.set':
    case 'gather.set':
    case 'slot.set':
    case 'queue.set':
    case 'deadline.set':
    case 'code.failed':
    case 'run.completed':
    case 'run.continued':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.skipped':
      return false
    default:
      return type satisfies never
  }
}
