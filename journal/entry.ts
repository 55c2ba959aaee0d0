import type { AdmissionCommand, AdmissionInput } from './admission-entry.ts'

/**
 * Entries: the facts a run is made of. An input is a fact from outside the run's code; a command is
 * what the code (or the engine for it) asks for in answer. One turn appends one record:
 *
 *   record := input command*
 *
 * Values of users (data, results, errors) are opaque bytes here, written by the codec.
 * `of` is the `seq` of the command an input answers.
 */
export type Entry = Input | Command

/** What reached a run. */
export type Input =
  /** The run is accepted: it has a place in the journal and will be started. Always entry 0. */
  | RunScheduled
  | AdmissionInput
  | { readonly type: 'run.started' }
  | { readonly type: 'run.paused' }
  | { readonly type: 'run.resumed' }
  | { readonly type: 'run.cancel_requested'; readonly reason: string }
  | { readonly type: 'run.parked'; readonly code: string; readonly report: Bytes }
  | { readonly type: 'run.unparked' }
  | StepSucceeded
  | StepFailed
  /** An answer that came after the run no longer waited for it: kept for readers, not applied. */
  | StepLate
  | { readonly type: 'timer.fired'; readonly of: number }
  | EventReceived
  | ChildFinished
  /** The code went on by itself, after awaiting a promise the engine does not know. */
  | { readonly type: 'code.woke' }

/** What the code of a run asked for, or came to. */
export type Command =
  | StepScheduled
  | TimerSet
  | WaitSet
  | ChildStarted
  | EventSent
  /** The run begins then, by the wall clock, not at once. */
  | { readonly type: 'start.set'; readonly due: number }
  /** Events that cancel the run as long as it has not ended. */
  | { readonly type: 'cancel.set'; readonly on: readonly Listener[] }
  | AdmissionCommand
  | CodeFailed
  | { readonly type: 'run.completed'; readonly output: Bytes }
  | { readonly type: 'run.continued'; readonly successor: string }
  | { readonly type: 'run.failed'; readonly error: Bytes }
  | { readonly type: 'run.cancelled'; readonly reason: string }

export interface RunScheduled {
  readonly type: 'run.scheduled'
  readonly workflow: string
  readonly data: Bytes
  /** Fingerprint of what was given for it, if the workflow's schema made something else of that. */
  readonly given?: string
  /** What recorded chance and idempotency keys are derived from; a copy of a run keeps it. */
  readonly seed: string
  /** The run this one continues, if any. */
  readonly continues?: string
  /** The event that started it, but for its data. */
  readonly event?: EventFacts
  /** What had started the first of the runs that it continues, if that was the end of a run. */
  readonly startedBy?: string
  /** The schedule it is a run of. */
  readonly schedule?: string
  /** The run that started it as its child, and the seq of its `child.started`. */
  readonly parent?: Parent
  /** In place of `parent`: it continues a run that gathered what several asked for. */
  readonly parents?: readonly Parent[]
}

/** A run that started another as its child, and the seq of its `child.started`. */
export interface Parent {
  readonly run: string
  readonly seq: number
}

export interface EventFacts {
  readonly name: string
  readonly id: string
  /** When it happened, as its sender says. */
  readonly ts: number
  readonly v?: string
}

export interface StepScheduled {
  readonly type: 'step.scheduled'
  /** With its occurrence from the second on: `charge`, `charge:1`, ... */
  readonly id: string
  /** Asked for inside a shield: goes on when the run is cancelled. */
  readonly shielded?: true
}

export interface TimerSet {
  readonly type: 'timer.set'
  readonly id: string
  readonly shielded?: true
  readonly clock: TimerClock
  readonly due: number
}

/** The run waits for the first of some events, or until a time. */
export interface WaitSet {
  readonly type: 'wait.set'
  readonly id: string
  readonly shielded?: true
  readonly on: readonly Listener[]
  /** Events stored since then count as well. */
  readonly since?: number
  /** On the elapsed clock. */
  readonly due?: number
}

/** An event that is listened for. */
export interface Listener {
  /** Which of the things waited for it is. */
  readonly key: string
  readonly event: string
  /** What must hold of it, with the literals that belong to it. Absent: nothing more. */
  readonly program?: string
  readonly literals?: Bytes
  /** By the wall clock: from then on it listens no more. */
  readonly until?: number
}

export interface ChildStarted {
  readonly type: 'child.started'
  readonly id: string
  readonly shielded?: true
  /** Id of the child's run. */
  readonly child: string
  readonly workflow: string
  /** Goes on when this run is cancelled. */
  readonly abandon?: true
  readonly due?: number
}

/** Sent in the write of the record itself. */
export interface EventSent {
  readonly type: 'event.sent'
  readonly id: string
  readonly shielded?: true
  readonly events: readonly { readonly name: string; readonly id: string }[]
}

export interface EventReceived {
  readonly type: 'event.received'
  readonly of: number
  /** Which of the things waited for it is. */
  readonly key: string
  readonly event: EventFacts
  readonly data: Bytes
  /** When it was stored. */
  readonly storedAt: number
}

export interface ChildFinished {
  readonly type: 'child.finished'
  readonly of: number
  readonly ok: boolean
  /** Its output, or its error. */
  readonly value: Bytes
}

export interface StepSucceeded {
  readonly type: 'step.succeeded'
  readonly of: number
  /** Counts from 0. */
  readonly attempt: number
  readonly value: Bytes
}

export type StepFailed = {
  readonly type: 'step.failed'
  readonly of: number
  readonly attempt: number
  readonly error: Bytes
} & RetryTime

export interface StepLate {
  readonly type: 'step.late'
  readonly of: number
  readonly attempt: number
  readonly ok: boolean
  /** The result, or the error. */
  readonly value: Bytes
}

/** The code itself threw, not a step of it. */
export type CodeFailed = {
  readonly type: 'code.failed'
  readonly error: Bytes
  readonly attempt: number
} & RetryTime

/** When the next attempt is due on the elapsed clock; absent: there is none. */
interface RetryTime {
  readonly retryAt?: number
}

/** `wall` follows the wall clock; `elapsed` counts time that passed, whatever the wall clock did. */
export type TimerClock = 'wall' | 'elapsed'

export type Bytes = Uint8Array

/** The entries of one turn of one run, appended together. */
export interface Record {
  readonly run: string
  /** Place of the first entry among the run's entries, counted from 0. */
  readonly seq: number
  /** Wall clock in ms since the epoch; never decreases along a run, nor along the commits. */
  readonly at: number
  /** Elapsed clock in ms; never decreases along a run, nor along the commits. */
  readonly elapsed: number
  readonly entries: readonly Entry[]
}
