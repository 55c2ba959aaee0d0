import type { DeadlinePhase } from './admission-entry.ts'
import type { Listener, TimerClock } from './entry.ts'

/** A command that still waits for its answer. */
export type Open = OpenStep | OpenTimer | OpenWait | OpenChild | OpenAside

/** What is open beside the commands that the code waits for. */
export type OpenAside = OpenCancel | OpenGather | OpenSlot | OpenQueue | OpenDeadline

/** What a record began or settled. */
export type Change = { readonly op: 'opened' | 'closed'; readonly what: Open }

export interface OpenStep {
  readonly kind: 'step'
  readonly seq: number
  readonly id: string
  readonly attempt: number
  readonly shielded: boolean
}

/** A sleep, the backoff of a step, the backoff of the code, or the time to begin. */
export interface OpenTimer {
  readonly kind: 'sleep' | 'step-backoff' | 'code-backoff' | 'start'
  readonly seq: number
  readonly id: string
  readonly clock: TimerClock
  readonly due: number
  /** The attempt that follows; 0 for a sleep. */
  readonly attempt: number
  readonly shielded: boolean
}

/** A wait for events; with a `due` it is a timer as well. */
export interface OpenWait {
  readonly kind: 'wait'
  readonly seq: number
  readonly id: string
  readonly on: readonly Listener[]
  /** Events stored since then count as well. */
  readonly since: number | undefined
  readonly clock: 'elapsed'
  readonly due: number | undefined
  readonly shielded: boolean
}

export interface OpenChild {
  readonly kind: 'child'
  readonly seq: number
  readonly id: string
  /** Id of its run. */
  readonly child: string
  readonly abandon: boolean
  readonly clock: 'elapsed'
  readonly due: number | undefined
  readonly shielded: boolean
}

/** What cancels the run. It is no command that the code waits for, and ends with the run only. */
export interface OpenCancel {
  readonly kind: 'cancel'
  readonly seq: number
  readonly id: ''
  readonly on: readonly Listener[]
  readonly shielded: true
}

/** The run gathers what comes for it, and has not begun. */
export interface OpenGather {
  readonly kind: 'gather'
  readonly seq: number
  readonly id: ''
  readonly gather: 'batch' | 'debounce'
  readonly key: string
  readonly mode: 'last' | 'all'
  readonly clock: 'elapsed'
  readonly due: number
  readonly until: number | undefined
  /** When the newest of what it has gathered happened. */
  readonly ts: number
  /** How much it has gathered, and the bytes of the data, with what it was scheduled for. */
  readonly count: number
  readonly bytes: number
  readonly shielded: true
}

/** What the run holds until it ends. */
export interface OpenSlot {
  readonly kind: 'slot'
  readonly seq: number
  readonly id: ''
  readonly holds: readonly string[]
  readonly shielded: true
}

/** The run waits for its turn to begin. */
export interface OpenQueue {
  readonly kind: 'queue'
  readonly seq: number
  readonly id: ''
  readonly lane: string
  readonly rank: number
  readonly place: number
  readonly limits: readonly string[]
  readonly holds: readonly string[]
  readonly bytes: number
  readonly shielded: true
}

/** When the run is cancelled if it has not begun, or not ended, by then. */
export interface OpenDeadline {
  readonly kind: 'deadline'
  readonly seq: number
  readonly id: ''
  readonly phase: DeadlinePhase
  readonly clock: 'elapsed'
  readonly due: number
  /** How long the run has had then; unknown in old journals. */
  readonly after: number | undefined
  readonly shielded: false
}

/** What has a row among the timers. */
export const dueOf = (what: Open): { clock: TimerClock; due: number } | undefined =>
  !('due' in what) || what.due === undefined ? undefined : { clock: what.clock, due: what.due }

/** What the code does not wait for: it ends with the run, or before the code begins. */
export function isAside(what: Open): what is OpenAside {
  switch (what.kind) {
    case 'cancel':
    case 'gather':
    case 'slot':
    case 'queue':
    case 'deadline':
      return true
    default:
      return false
  }
}

/** What has a row among the waits. */
export const listenersOf = (what: Open): readonly Listener[] | undefined =>
  what.kind === 'wait' || what.kind === 'cancel' ? what.on : undefined
