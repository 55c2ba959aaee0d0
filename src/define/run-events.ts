import { type EventType, eventType } from './event.ts'
import type { OWN_EVENTS } from './event-name.ts'

/** What every event about the end of a run says. */
export interface RunEnded {
  /** The id of the run. */
  readonly run: string
  /** The id of its workflow. */
  readonly workflow: string
}

export interface RunCompleted extends RunEnded {
  readonly output: unknown
}

export interface RunFailed extends RunEnded {
  /** What the run failed with. */
  readonly error: unknown
}

export interface RunCancelled extends RunEnded {
  /** Empty if none was given. */
  readonly reason: string
}

/**
 * Sent by the engine when a run has completed; nobody else can send it. Like the other two it is
 * stored only if a trigger or a wait listens for it then: what waits later does not hear of it.
 */
export const runCompleted: EventType<'perdure/run.completed', never, RunCompleted> =
  own('perdure/run.completed')

/** Sent by the engine when a run has failed for good; nobody else can send it. */
export const runFailed: EventType<'perdure/run.failed', never, RunFailed> =
  own('perdure/run.failed')

/** Sent by the engine when a run has been cancelled; nobody else can send it. */
export const runCancelled: EventType<'perdure/run.cancelled', never, RunCancelled> =
  own('perdure/run.cancelled')

function own<Name extends (typeof OWN_EVENTS)[number], Data>(
  name: Name,
): EventType<Name, never, Data> {
  return eventType<Name, never, Data>(name, undefined)
}
