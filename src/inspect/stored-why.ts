import type { StoredHeld } from '../../journal/admission.ts'
import type { Head } from '../../journal/head.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import type { Open, OpenQueue } from '../../journal/pending.ts'
import type { JournalReader } from '../../journal/reader.ts'
import { parseLimitId } from '../admission/limit-id.ts'
import { heardText } from './heard.ts'
import { nearMisses } from './near-misses.ts'
import { HOLDERS_MOST, type LimitInfo, type Reason, type Why } from './why.ts'

/**
 * Why a run does not go on, as far as its journal tells when no engine is there: a limit is told with
 * who holds it, without what the code says of it.
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
      const events = on.map(heardText)
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
  const holders = new Map<string, string[]>(open.holds.map(id => [id, []]))
  for await (const held of reader.held()) {
    if (held.run === run) continue
    for (const id of holdsOf(held)) holders.get(id)?.push(held.run)
  }
  // How many may hold one is said by the code alone: the one that most do is the likeliest.
  const [most] = [...holders].sort(([, one], [, other]) => other.length - one.length)
  if (most === undefined || most[1].length === 0) return { kind: 'turn', ahead }
  return { kind: 'turn', ahead, limit: limitOf(...most) }
}

function limitOf(id: string, holders: readonly string[]): LimitInfo {
  const { kind, owner: of, keyText, value } = parseLimitId(id) ?? { owner: id, keyText: '' }
  const key = keyText !== '' && { key: keyText, value: value ?? '' }
  const told = holders.slice(0, HOLDERS_MOST)
  return { kind: kind === 'singleton' ? kind : 'run', of, ...key, holders: told }
}

const holdsOf = (held: StoredHeld): readonly string[] => (held.kind === 'slot' ? held.holds : [])
