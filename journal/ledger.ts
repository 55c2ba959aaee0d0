import type { SkipReason } from './admission-entry.ts'
import { applyEntry, endLedger } from './apply-entry.ts'
import type { Entry, Parent, Record } from './entry.ts'
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
  /** When it came to begin, or to wait for its turn: nothing more was gathered, its time had come. */
  readyAt: number
  /** Whether its code was ever begun. */
  started: boolean
  /** Seq of the record that ended the run, and when. Late answers may follow it. */
  outcome: Ending | undefined
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
  /** How many of the open ones are steps: something must be done about them now. */
  running: number
  /** How many of the open ones the code does not wait for. */
  aside: number
  /** The runs that it is a child of: several, if it gathered what they asked for. */
  parents: readonly Parent[]
  /** The schedule that it is a run of. */
  schedule: string | undefined
  /** Name of the event that started it. */
  startedBy: string | undefined
  /** How often the code itself has failed. */
  codeFailures: number
  /** Seq of the code failure whose retry is waited for; the code is not alive meanwhile. */
  backoff: number | undefined
  cancelled: string | undefined
  continuedAs: string | undefined
  parkedFor: string | undefined
  skippedFor: SkipReason | undefined
  /** Of the data that it was scheduled with. */
  bytes: number
}

export const emptyLedger = (run: string): Ledger => ({
  run,
  status: 'scheduled',
  workflow: '',
  seed: '',
  seq: 0,
  last: 0,
  createdAt: 0,
  readyAt: 0,
  started: false,
  outcome: undefined,
  hadEnded: false,
  at: 0,
  elapsed: 0,
  open: new Map(),
  link: 0,
  changes: [],
  running: 0,
  aside: 0,
  parents: [],
  schedule: undefined,
  startedBy: undefined,
  codeFailures: 0,
  backoff: undefined,
  cancelled: undefined,
  continuedAs: undefined,
  parkedFor: undefined,
  skippedFor: undefined,
  bytes: 0,
})

/** The record that ended a run: its seq, and when that was, on both clocks. */
export interface Ending {
  readonly seq: number
  readonly at: number
  readonly elapsed: number
}

/** Takes one entry in. The ledger is changed in place: a copy a step would make long runs quadratic. */
export function note(ledger: Ledger, entry: Entry): void {
  const status = lifecycle[ledger.status][entry.type]
  if (status === undefined || (ledger.seq === 0) !== (entry.type === 'run.scheduled')) {
    throw new Error(`${entry.type} cannot follow: run ${ledger.run} is ${ledger.status}`)
  }
  const seq = ledger.seq++
  ledger.status = status
  applyEntry(ledger, entry, seq)
  if (isFinal(status) && ledger.outcome === undefined) endLedger(ledger)
}

export function noteRecord(ledger: Ledger, record: Record): void {
  beginRecord(ledger, record)
  for (const entry of record.entries) note(ledger, entry)
}

export function beginRecord(ledger: Ledger, record: Record): void {
  if (ledger.seq === 0) ledger.createdAt = ledger.readyAt = record.at
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
  (ledger.status === 'scheduled' && startOf(ledger) !== undefined) ||
  (ledger.status === 'running' && ledger.running === 0 && ledger.open.size > ledger.aside)

/** What a run which is scheduled waits for: its time, the end of its gathering, or its turn. */
export function startOf({ open }: Ledger): Open | undefined {
  for (const what of open.values()) {
    if (what.kind === 'start' || what.kind === 'gather' || what.kind === 'queue') return what
  }
  return undefined
}
