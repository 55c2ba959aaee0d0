import type { SkipReason } from '../../journal/admission-entry.ts'
import type { Head } from '../../journal/head.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Open } from '../../journal/pending.ts'
import type { NearMiss } from '../router/near-miss.ts'
import type { Door } from './door.ts'
import { stepOf, turnOf } from './held-up.ts'
import { nearMisses } from './near-misses.ts'
import type { Parts } from './parts.ts'

/** What keeps a run from going on. */
export interface Why {
  readonly run: string
  readonly workflow: string
  readonly status: RunStatus
  /** All that it waits for; none: its code runs, or it has ended. */
  readonly waitsFor: readonly Reason[]
}

export type Reason =
  /** It was never begun; `by` is the run that stands for it, or was in its way. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly by?: string }
  | { readonly kind: 'parked'; readonly code: string }
  | { readonly kind: 'paused' }
  /** It waits to begin: `ahead` of it are so many in its line, and the first is held up by `limit`. */
  | ({ readonly kind: 'turn'; readonly ahead: number } & HeldUp)
  /** It gathers events until `due`, on the elapsed clock. */
  | {
      readonly kind: 'gather'
      readonly gather: 'batch' | 'debounce'
      readonly key: string
      readonly count: number
      readonly due: number
    }
  /** A step executes, or waits for a place to. */
  | ({
      readonly kind: 'step'
      readonly id: string
      readonly attempt: number
      readonly executes: boolean
    } & HeldUp)
  /** A sleep, a backoff, or the time to begin. */
  | {
      readonly kind: 'timer'
      readonly id: string
      readonly of: 'sleep' | 'step-backoff' | 'code-backoff' | 'start'
      readonly clock: 'wall' | 'elapsed'
      readonly due: number
    }
  /** Events; `near` are stored ones of these names that did not fit. */
  | {
      readonly kind: 'event'
      readonly id: string
      readonly events: readonly string[]
      readonly due?: number
      readonly near: readonly NearMiss[]
    }
  | { readonly kind: 'child'; readonly id: string; readonly child: string }

/** What limit is in the way, if one is. */
export interface HeldUp {
  readonly limit?: LimitInfo
}

export interface LimitInfo {
  readonly kind: 'run' | 'step' | 'throttle' | 'singleton' | 'pause' | 'engine' | 'unknown-workflow'
  /** The workflow that it belongs to, or `*`. */
  readonly of: string
  /** The expression of its key, and the value as JSON, if it has a key. */
  readonly key?: string
  readonly value?: string
  /** How many may hold it at once. */
  readonly most?: number
  /** The runs that hold it. */
  readonly holders: readonly string[]
  /** When it has room, on the elapsed clock, if only time is in the way. */
  readonly until?: number
}

/** Says what a run waits for. Throws RUN_NOT_FOUND. */
export async function why(parts: Parts, door: Door, id: string): Promise<Why> {
  const head = await door.headOf(id)
  const { run, workflow, status } = head
  const about = { run, workflow, status }
  const { ledger, skipped } = await told(parts, head)
  if (skipped !== undefined) return { ...about, waitsFor: [skipped] }
  const holds: Reason[] = []
  if (status === 'parked') holds.push({ kind: 'parked', code: head.parkedFor ?? '' })
  if (status === 'paused') holds.push({ kind: 'paused' })
  const opens = [...ledger.open.values()]
  const waits = await Promise.all(opens.map(open => reasonOf(parts, ledger, open)))
  return { ...about, waitsFor: [...holds, ...waits.flat()] }
}

/** What the records of a run add up to, and why it was skipped, if it was. */
async function told(
  { journal }: Parts,
  head: Head,
): Promise<{ readonly ledger: Ledger; readonly skipped: Reason | undefined }> {
  const ledger = emptyLedger(head.run)
  let skipped: Reason | undefined
  for await (const record of journal.records(head)) {
    noteRecord(ledger, record)
    for (const entry of record.entries) {
      if (entry.type !== 'run.skipped') continue
      const { reason, by } = entry
      skipped = { kind: 'skipped', reason, ...(by !== undefined && { by }) }
    }
  }
  return { ledger, skipped }
}

async function reasonOf(parts: Parts, ledger: Ledger, open: Open): Promise<Reason[]> {
  switch (open.kind) {
    case 'queue':
      return [await turnOf(parts, ledger, open)]
    case 'gather': {
      const { gather, key } = open
      const now = parts.events.admission.admission.gatherers.of(ledger.run) ?? open
      return [{ kind: 'gather', gather, key, count: now.count, due: now.due }]
    }
    case 'step':
      return [stepOf(parts, ledger, open)]
    case 'sleep':
    case 'step-backoff':
    case 'code-backoff':
    case 'start': {
      const { id, kind: of, clock, due } = open
      return [{ kind: 'timer', id, of, clock, due }]
    }
    case 'wait': {
      const { id, on, due } = open
      const near = await nearMisses(parts, open, ledger)
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
