import type { GatherSet, QueueSet } from '../../journal/admission-entry.ts'
import type { Bytes, EventFacts, Listener, TimerClock } from '../../journal/entry.ts'

/** When something was recorded, on both clocks (journal/entry.ts). */
export interface Moment {
  readonly at: number
  readonly elapsed: number
}

/** A command of a run that takes time, or could: from its entry to the one that settled it. */
export type Span = SpanFacts & {
  /** Of the command's entry. */
  readonly seq: number
  /** With its occurrence from the second on; empty where commands have none. */
  readonly id: string
  readonly shielded: boolean
  /** Seq of the first of those that were asked for together; absent: it was alone. */
  readonly group?: number
  readonly begun: Moment
  /** Absent: it is open. */
  readonly ended?: Moment
  readonly state: SpanState
  /** Of a step: oldest first. Of all others: none. */
  readonly attempts: readonly Attempt[]
  /** What it came to: a result, the data of an event, or an error. */
  readonly value?: Bytes
  /** Seqs of the entries that answered it, oldest first. */
  readonly answers: readonly number[]
}

export type SpanState =
  /** Open: */
  | 'running'
  | 'waiting'
  | 'backoff'
  /** Settled: */
  | 'ok'
  | 'failed'
  | 'timed-out'
  | 'cancelled'
  /** The run ended without it. */
  | 'abandoned'

export type SpanFacts =
  | { readonly kind: 'step' }
  | { readonly kind: 'sleep'; readonly clock: TimerClock; readonly due: number }
  | WaitFacts
  | ChildFacts
  | { readonly kind: 'send'; readonly events: readonly { name: string; id: string }[] }
  /** The code itself threw, and is tried again. `attempt` is the one that failed. */
  | { readonly kind: 'code'; readonly attempt: number; readonly retryAt?: number }
  | { readonly kind: 'start'; readonly due: number }
  | { readonly kind: 'queue'; readonly queue: QueueSet }
  /** `due` and `count` as the newest of what has joined left them. */
  | GatherFacts

export interface WaitFacts {
  readonly kind: 'wait'
  readonly on: readonly Listener[]
  /** On the elapsed clock. */
  readonly due?: number
  readonly received?: { readonly key: string; readonly event: EventFacts }
}

export interface ChildFacts {
  readonly kind: 'child'
  readonly child: string
  readonly workflow: string
  readonly abandon: boolean
  readonly due?: number
}

export interface GatherFacts {
  readonly kind: 'gather'
  readonly gather: GatherSet
  readonly due: number
  readonly count: number
}

/** One try of a step's body. */
export interface Attempt {
  /** Counts from 0. */
  readonly number: number
  readonly begun: Moment
  readonly ended?: Moment
  readonly state: 'running' | 'ok' | 'failed' | 'cancelled' | 'abandoned'
  readonly error?: Bytes
  /** When the next one is due, on the elapsed clock. */
  readonly retryAt?: number
  /** What it came to when the run no longer waited for it. */
  readonly late?: { readonly when: Moment; readonly ok: boolean; readonly value: Bytes }
}

export const isOpen = ({ ended }: Pick<Span, 'ended'>): boolean => ended === undefined
