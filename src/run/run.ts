import type { JoinedEvent } from '../../journal/admission-entry.ts'
import type { Command, Input, Record, RunScheduled } from '../../journal/entry.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import type { Change } from '../../journal/pending.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { LiveCode } from './code.ts'
import { evolve, type RunActor, runActor } from './machine.ts'
import { type Begun, noteOpening } from './opening.ts'
import type { ScopedWait } from './retry.ts'

/** An input for a run, and who is to be told when it is durable. */
export interface Mail {
  readonly input: Input
  readonly ack?: Ack
  /** Of a timer that fired: when it was due. The same step may have set another one meanwhile. */
  readonly due?: number
  /** What else has to wait because of it. */
  readonly pauses?: ScopedWait
  /** Its number in the run's inbox on disk, if it waits there. */
  readonly posted?: number
  /** What is to be recorded behind it. */
  readonly behind?: readonly Command[]
}

export interface Ack {
  resolve(): void
  reject(error: unknown): void
}

export interface RunningAttempt {
  readonly attempt: number
  abort(reason: unknown): void
}

const NONE: readonly JoinedEvent[] = []
const NOTHING = Promise.resolve()

/** A run in memory: its state, and its code while that is alive. */
export class Run {
  readonly id: string
  readonly ledger: Ledger
  /** Absent for a run whose workflow the engine does not know. */
  readonly workflow: AnyWorkflow | undefined
  #actor: RunActor | undefined
  /** When it was scheduled, by the wall clock. */
  createdAt = 0
  /** The entry it began with. */
  scheduled: RunScheduled | undefined
  gathers: Begun['gathers']
  joined: readonly JoinedEvent[] = NONE
  /** What it is to gather: it waits until the gathering is over. */
  readonly gathered: Mail[] = []
  code: LiveCode | undefined
  /** Inputs that wait for their turn, in arrival order. */
  readonly inbox: Mail[] = []
  /** Step bodies that are running or whose end waits to be recorded, by the seq of their step. */
  readonly attempts = new Map<number, RunningAttempt>()
  /** Ids of the limits that its steps come under, once its keys were evaluated. */
  stepLimits: readonly string[] | undefined
  /** What its steps ask flow control for a place with, once one did: it alone knows what that is. */
  stepClaim: object | undefined
  /** How many events there were when it came to be; unknown after a restart. */
  heardFrom: number | undefined
  /** Turns that were begun and not yet performed: until then the run must stay in memory. */
  underWay = 0
  /** Resolves when its newest record is on disk. */
  durable: Promise<void> = NOTHING
  /** Removed from the journal: what its bodies still answer has no place any more. */
  gone = false
  /** Whether it is in line for a turn. */
  queued = false
  /** Whether its code is being brought back: its inputs wait meanwhile. */
  reviving = false

  constructor(id: string, workflow: AnyWorkflow | undefined) {
    this.id = id
    this.workflow = workflow
    this.ledger = emptyLedger(id)
  }

  /** Notes a record that is to be appended. Returns what it opened and closed. */
  note(record: Record): readonly Change[] {
    noteRecord(this.ledger, record)
    this.createdAt = this.ledger.createdAt
    if (!this.ledger.started || record.seq === 0) noteOpening(this, record.entries)
    return this.ledger.changes
  }

  /** Takes in a record that is appended. */
  evolve(record: Record): void {
    this.#actor ??= runActor()
    evolve(this.#actor, record, this.ledger.status)
  }
}
