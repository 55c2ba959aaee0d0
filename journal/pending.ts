import type { Listener, TimerClock } from './entry.ts'

/** A command that still waits for its answer. */
export type Open = OpenStep | OpenTimer | OpenWait | OpenChild | OpenCancel

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

/** What has a row among the timers. */
export const dueOf = (what: Open): { clock: TimerClock; due: number } | undefined =>
  what.kind === 'step' || what.kind === 'cancel' || what.due === undefined
    ? undefined
    : { clock: what.clock, due: what.due }

/** What has a row among the waits. */
export const listenersOf = (what: Open): readonly Listener[] | undefined =>
  what.kind === 'wait' || what.kind === 'cancel' ? what.on : undefined
