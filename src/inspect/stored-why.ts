import type { StoredHeld } from '../../journal/admission.ts'
import type { Head } from '../../journal/head.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import type { Open, OpenQueue } from '../../journal/pending.ts'
import type { JournalReader } from '../../journal/reader.ts'
import { nearMisses } from './near-misses.ts'
import type { Reason, Why } from './why.ts'

/**
 * Why a run does not go on, as far as its journal tells when no engine is there: a limit is told by its
 * id and by who holds it, without what the code says of it.
 */
export async function storedWhy(reader: JournalReader, head: Head, now: number): Promise<Why> {
  const { run, workflow, status } = head
  const about = { run, workflow, status }
  const { ledger, skipped } = await runSoFar(reader, head)
  if (skipped !== undefined) return { ...about, waitsFor: [skipped] }
  const holds: Reason[] = []
  if (status === 'parked') holds.push({ kind: 'parked', code: head.parkedFor ?? '' })
  if (status === 'paused') holds.push({ kind: 'paused' })
  for (const open of ledger.open.values()) {
    holds.push(...(await reasonOf(reader, ledger, open, now)))
  }
  return { ...about, waitsFor: holds }
}

/** What the records of a run add up to, and why it was skipped, if it was. */
export async function runSoFar(
  reader: Pick<JournalReader, 'records'>,
  head: Head,
): Promise<{ readonly ledger: Ledger; readonly skipped: Reason | undefined }> {
  const ledger = emptyLedger(head.run)
  let skipped: Reason | undefined
  for await (const record of reader.records(head)) {
    noteRecord(ledger, record)
    for (const entry of record.entries) {
      if (entry.type !== 'run.skipped') continue
      const { reason, by } = entry
      skipped = { kind: 'skipped', reason, ...(by !== undefined && { by }) }
    }
  }
  return { ledger, skipped }
}

/** What the journal tells of a thing that a run waits for. */
export async function reasonOf(
  reader: JournalReader,
  ledger: Ledger,
  open: Open,
  now: number,
): Promise<Reason[]> {
  switch (open.kind) {
    case 'queue':
      return [await turnOf(reader, ledger.run, open)]
    case 'gather': {
      const { gather, key, count, due } = open
      return [{ kind: 'gather', gather, key, count, due }]
    }
    case 'step':
      return [{ kind: 'step', id: open.id, attempt: open.attempt, executes: false }]
    case 'sleep':
    case 'step-backoff':
    case 'code-backoff':
    case 'start': {
      const { id, kind: of, clock, due } = open
      return [{ kind: 'timer', id, of, clock, due }]
    }
    case 'wait': {
      const { id, on, due } = open
      const near = await nearMisses(reader, open, ledger, now)
      const events = on.map(({ event }) => event)
      return [{ kind: 'event', id, events, ...(due !== undefined && { due }), near }]
    }
    case 'child':
      return [{ kind: 'child', id: open.id, child: open.child }]
    case 'cancel':
    case 'slot':
    case 'deadline':
      return []
    default:
      return open satisfies never
  }
}

/** Places in a line that are counted. */
const COUNTED = 10_000

async function turnOf(reader: JournalReader, run: string, open: OpenQueue): Promise<Reason> {
  let ahead = 0
  for await (const row of reader.queued(open.lane)) {
    if (row.run === run || ahead === COUNTED) break
    ahead++
  }
  const wanted = new Set([...open.limits, ...open.holds])
  const holders: string[] = []
  let of = ''
  for await (const held of reader.held()) {
    const shared = holdsOf(held).find(id => wanted.has(id))
    if (shared === undefined || held.run === run) continue
    of = shared
    holders.push(held.run)
  }
  if (holders.length === 0) return { kind: 'turn', ahead }
  return { kind: 'turn', ahead, limit: { kind: 'run', of, holders } }
}

const holdsOf = (held: StoredHeld): readonly string[] => (held.kind === 'slot' ? held.holds : [])
