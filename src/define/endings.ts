import type { WorkflowContext } from './context.ts'

/**
 * What `onFailure` gets. `event` and `run` are those of the run that failed; `step`, `signal` and
 * `logger` belong to the run of the handler itself.
 */
export interface FailureContext<Event> extends WorkflowContext<unknown, Event> {
  /** What the run failed with. What was thrown and is no Error is the `cause` of one. */
  readonly error: Error
  /** The id of the step whose failure failed the run, if it was a step. */
  readonly failedStep: string | undefined
}

/** What `onCancel` gets: the same, of the run that was cancelled. */
export interface CancelContext<Event> extends WorkflowContext<unknown, Event> {
  /** Empty if none was given. */
  readonly reason: string
}

/** What is done when a run has failed or was cancelled. */
export interface EndingHandlers<Event> {
  /**
   * Handles the failure of a run, in a run of its own that is scheduled in the write in which the
   * run fails: `<id>/on-failure`, with the retries of the workflow. Its own failure has no further
   * consequences.
   */
  readonly onFailure?: (context: FailureContext<Event>) => Promise<unknown>
  /** The same when a run has been cancelled: `<id>/on-cancel`. */
  readonly onCancel?: (context: CancelContext<Event>) => Promise<unknown>
}
