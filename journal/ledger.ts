import type { Command, Entry, Record } from './entry.ts'
import { isFinal, lifecycle, type RunStatus } from './lifecycle.ts'
import type { Change, Open } from './pending.ts'

/**
 * What the entries of a run add up to: the part of its state that the journal's indexes are made
 * from. `note` is the fold. It is the same fold for a live run, for replay and for `verify`.
 */
export interface Ledger {
  readonly run: string
  status: RunStatus
  workflow: string
  seed: string
  /** Seq of the next entry: how many there are. */
  seq: number
  /** Seq of the first entry of the newest record. */
  last: number
  createdAt: number
  /** Whether its code was ever begun. */
  started: boolean
  /** Seq of the record that ended the run, and when. Late answers may follow it. */
  outcome: { readonly seq: number; readonly at: number } | undefined
  /** Whether it had ended before the newest record. */
  hadEnded: boolean
  at: number
  elapsed: number
  /** Commands that still wait for their answer, by seq, oldest first. */
  readonly open: Map<number, Open>
  /** Checksum of the newest record: the end of the run's chain. */
  link: number
  /** What the newest record opened and closed, in order: index rows and effects come from it. */
  changes: Change[]
  /** How many of the open ones something must be done about now: all but timers. */
  running: number
  /** How often the code itself has failed. */
  codeFailures: number
  /** Seq of the code failure whose retry is waited for; the code is not alive meanwhile. */
  backoff: number | undefined
  cancelled: string | undefined
  continuedAs: string | undefined
  parkedFor: string | undefined
}

export const emptyLedger = (run: string): Ledger => ({
  run,
  status: 'scheduled',
  workflow: '',
  seed: '',
  seq: 0,
  last: 0,
  createdAt: 0,
  started: false,
  outcome: undefined,
  hadEnded: false,
  at: 0,
  elapsed: 0,
  open: new Map(),
  link: 0,
  changes: [],
  running: 0,
  codeFailures: 0,
  backoff: undefined,
  cancelled: undefined,
  continuedAs: undefined,
  parkedFor: undefined,
})

/** Takes one entry in. The ledger is changed in place: a copy a step would make long runs quadratic. */
export function note(ledger: Ledger, entry: Entry): void {
  const status = lifecycle[ledger.status][entry.type]
  if (status === undefined || (ledger.seq === 0) !== (entry.type === 'run.scheduled')) {
    throw new Error(`${entry.type} cannot follow: run ${ledger.run} is ${ledger.status}`)
  }
  const seq = ledger.seq++
  ledger.status = status
  apply(ledger, entry, seq)
  if (isFinal(status) && ledger.outcome === undefined) end(ledger)
}

export function noteRecord(ledger: Ledger, record: Record): void {
  beginRecord(ledger, record)
  for (const entry of record.entries) note(ledger, entry)
}

export function beginRecord(ledger: Ledger, record: Record): void {
  if (ledger.seq === 0) ledger.createdAt = record.at
  ledger.changes = []
  ledger.hadEnded = isFinal(ledger.status)
  ledger.last = record.seq
  ledger.at = record.at
  ledger.elapsed = record.elapsed
}

/** Whether inputs are only recorded now, to be delivered when the hold is lifted. */
export const isHeld = (ledger: Ledger): boolean =>
  ledger.status === 'paused' || ledger.status === 'parked' || ledger.backoff !== undefined

/** Whether nothing can happen to the run before a timer fires or somebody asks for it. */
export const isPassive = (ledger: Ledger): boolean =>
  isFinal(ledger.status) ||
  ledger.status === 'paused' ||
  ledger.status === 'parked' ||
  (ledger.status === 'running' && ledger.running === 0 && ledger.open.size > 0)

function apply(ledger: Ledger, entry: Entry, seq: number): void {
  switch (entry.type) {
    case 'run.scheduled':
      ledger.workflow = entry.workflow
      ledger.seed = entry.seed
      return
    case 'step.succeeded':
      settle(ledger, entry.of)
      return
    case 'step.failed': {
      const { seq, id, shielded } = settle(ledger, entry.of)
      if (entry.retryAt === undefined) return
      const [kind, clock, due] = ['step-backoff', 'elapsed', entry.retryAt] as const
      begin(ledger, { kind, seq, id, clock, due, attempt: entry.attempt + 1, shielded })
      return
    }
    case 'timer.fired':
      return fire(ledger, entry.of)
    case 'run.parked':
      ledger.parkedFor = entry.code
      return
    case 'run.unparked':
      ledger.parkedFor = undefined
      return
    case 'run.cancel_requested':
      ledger.cancelled = entry.reason
      for (const what of ledger.open.values()) if (!what.shielded) settle(ledger, what.seq)
      return
    case 'run.started':
      ledger.started = true
      return
    case 'run.paused':
    case 'run.resumed':
    case 'step.late':
    case 'code.woke':
      return
    default:
      return applyCommand(ledger, entry, seq)
  }
}

function applyCommand(ledger: Ledger, command: Command, seq: number): void {
  const shielded = 'shielded' in command && command.shielded === true
  switch (command.type) {
    case 'step.scheduled':
      return begin(ledger, { kind: 'step', seq, id: command.id, attempt: 0, shielded })
    case 'timer.set': {
      const { id, clock, due } = command
      return begin(ledger, { kind: 'sleep', seq, id, clock, due, attempt: 0, shielded })
    }
    case 'code.failed': {
      ledger.codeFailures++
      if (command.retryAt === undefined) return
      const [kind, clock, due] = ['code-backoff', 'elapsed', command.retryAt] as const
      ledger.backoff = seq
      begin(ledger, { kind, seq, id: '', clock, due, attempt: command.attempt + 1, shielded })
      return
    }
    case 'run.continued':
      ledger.continuedAs = command.successor
      return
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return
    default:
      command satisfies never
  }
}

function fire(ledger: Ledger, of: number): void {
  const { kind, seq, id, attempt, shielded } = settle(ledger, of)
  if (kind === 'step-backoff') begin(ledger, { kind: 'step', seq, id, attempt, shielded })
  if (kind === 'code-backoff') ledger.backoff = undefined
}

function begin(ledger: Ledger, what: Open): void {
  ledger.open.set(what.seq, what)
  ledger.changes.push({ op: 'opened', what })
  if (what.kind === 'step') ledger.running++
}

function settle(ledger: Ledger, seq: number): Open {
  const what = ledger.open.get(seq)
  if (what === undefined) throw new Error(`nothing is open under ${seq} in run ${ledger.run}`)
  ledger.open.delete(seq)
  ledger.changes.push({ op: 'closed', what })
  if (what.kind === 'step') ledger.running--
  return what
}

function end(ledger: Ledger): void {
  for (const seq of ledger.open.keys()) settle(ledger, seq)
  ledger.backoff = undefined
  ledger.outcome = { seq: ledger.last, at: ledger.at }
}
