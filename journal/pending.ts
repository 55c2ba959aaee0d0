import type { TimerClock } from './entry.ts'

/** A command that still waits for its answer. */
export type Open = OpenStep | OpenTimer

/** What a record began or settled. */
export type Change = { readonly op: 'opened' | 'closed'; readonly what: Open }

export interface OpenStep {
  readonly kind: 'step'
  readonly seq: number
  readonly id: string
  readonly attempt: number
  readonly shielded: boolean
}

/** A sleep, the backoff of a step, or the backoff of the code. */
export interface OpenTimer {
  readonly kind: 'sleep' | 'step-backoff' | 'code-backoff'
  readonly seq: number
  readonly id: string
  readonly clock: TimerClock
  readonly due: number
  /** The attempt that follows; 0 for a sleep. */
  readonly attempt: number
  readonly shielded: boolean
}
