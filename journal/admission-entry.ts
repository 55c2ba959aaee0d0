import type { Bytes, EventFacts, Parent } from './entry.ts'

/** What becomes of a run before it begins, where its workflow has limits. */
export type AdmissionCommand =
  | GatherSet
  /** What the run holds until it ends. */
  | { readonly type: 'slot.set'; readonly holds: readonly string[] }
  | QueueSet
  | DeadlineSet
  /** The run never begins. `by` is the run that stands for it, or in its way. */
  | { readonly type: 'run.skipped'; readonly reason: SkipReason; readonly by?: string }

/** What reaches a run because its workflow has limits, or had. */
export type AdmissionInput =
  /** More of what a run gathers before it begins. */
  RunJoined | DeadlineMoved

/** If the run has not begun, or not ended, by then, it is cancelled. On the elapsed clock. */
export interface DeadlineSet {
  readonly type: 'deadline.set'
  readonly phase: DeadlinePhase
  readonly due: number
  /** How long it has had then, in milliseconds. Absent in old journals. */
  readonly after?: number
}

/** A deadline is over that the workflow has no more, or later. */
export interface DeadlineMoved {
  readonly type: 'deadline.moved'
  readonly phase: DeadlinePhase
  /** Where it is now; absent: there is none. */
  readonly to?: { readonly due: number; readonly after: number }
}

export interface RunJoined {
  readonly type: 'run.joined'
  readonly events: readonly JoinedEvent[]
  /** When the gathering is over instead; absent: as before. */
  readonly due?: number
  /** The gathering is over. */
  readonly full?: true
}

/** What joins a run that gathers: an event, or a start without one. */
export interface JoinedEvent {
  readonly event?: EventFacts
  readonly data: Bytes
  readonly parent?: Parent
}

/** The run gathers what comes for it until a time, and begins then. */
export interface GatherSet {
  readonly type: 'gather.set'
  readonly gather: 'batch' | 'debounce'
  /** Id of the limit that it gathers for. */
  readonly key: string
  /** Whether it is given what came last, or all. */
  readonly mode: 'last' | 'all'
  /** When it is over, on the elapsed clock: what joins may put it off, but not beyond `until`. */
  readonly due: number
  readonly until?: number
  /** When what it was scheduled for happened, as the sender says. */
  readonly ts: number
}

/** The run waits for its turn: in its lane by rank, then by place, the lowest first. */
export interface QueueSet {
  readonly type: 'queue.set'
  readonly lane: string
  /** An integer from 0 on. */
  readonly rank: number
  /** Dense over all lanes: no two runs are given the same. */
  readonly place: number
  /** Ids of the limits that it must pass. */
  readonly limits: readonly string[]
  /** What it will hold from its start on. */
  readonly holds: readonly string[]
  /** Of its data. */
  readonly bytes: number
}

export type DeadlinePhase = 'start' | 'finish'

export type SkipReason =
  | 'rate-limit'
  | 'idempotency'
  | 'debounce'
  | 'singleton'
  | 'backlog'
  | 'draining'
  /** It is part of the run `by`, which gathers. */
  | 'joined'
