import { PerdureError } from '../../journal/error.ts'

export const engineErrorCodes = [
  /** A definition or an option is not valid; the message names the place in it. */
  'DEFINITION_INVALID',
  'WORKFLOW_DUPLICATE',
  /** A run's workflow is not among those the engine was opened with. */
  'WORKFLOW_UNKNOWN',
  /** Data does not fit the workflow's schema; `facts.issues` lists what and where. */
  'DATA_INVALID',
  'DURATION_INVALID',
  /** An expression cannot be read; `facts` are its source, the position and the reason. */
  'EXPRESSION_INVALID',
  /** An expression could not be evaluated with the values it was given. */
  'EXPRESSION_FAILED',
  'RUN_ID_INVALID',
  /** A run with this id exists and was started with other data or another workflow. */
  'RUN_CONFLICT',
  /** The run's status does not allow what was asked. */
  'RUN_STATUS',
  /** The run waits for a person; `facts` say why. */
  'RUN_PARKED',
  /** A limit of its workflow kept the run from beginning; `facts.reason` says which. */
  'RUN_SKIPPED',
  /** The run has more entries than a run may have. */
  'RUN_TOO_LONG',
  /** The code asked for something else than the journal recorded. */
  'NON_DETERMINISTIC',
  /** The run has no step of this id. */
  'STEP_NOT_FOUND',
  'SCHEDULE_NOT_FOUND',
  /** The schedule exists and says something else, or it belongs to the code of a workflow. */
  'SCHEDULE_CONFLICT',
  'STEP_NESTED',
  'STEP_NOT_AWAITED',
  'STEP_TIMEOUT',
  /** A child took longer than the step that started it was to wait. */
  'CHILD_TIMEOUT',
  'ENGINE_CLOSED',
  /** Too much is waiting; nothing was accepted. */
  'OVERLOADED',
  /** A reader of live entries fell too far behind. */
  'SUBSCRIBER_TOO_SLOW',
] as const

/** The codes of `EngineError`. `docs/errors/` says what to do about each. */
export type EngineErrorCode = (typeof engineErrorCodes)[number]

/** Why a run is parked: the `facts.code` of RUN_PARKED. */
export const parkingCodes = [
  'NON_DETERMINISTIC',
  'WORKFLOW_UNKNOWN',
  /** The process died again and again while the run was brought back. */
  'POISON',
  /** Perdure itself failed when it gave the code an input. */
  'ENGINE_DEFECT',
] as const

export type ParkingCode = (typeof parkingCodes)[number]

/** What Perdure throws about definitions, runs and engines. */
export class EngineError extends PerdureError<EngineErrorCode> {
  override readonly name = 'EngineError'
}

/**
 * Throw it from a step or from workflow code: there will be no further attempt. Any error of this
 * `name` is one.
 */
export class NonRetriableError extends Error {
  override readonly name = 'NonRetriableError'
}

/** Thrown into workflow code when a step has failed for good; `cause` is what its body threw. */
export class StepError extends PerdureError<'STEP_FAILED'> {
  override readonly name = 'StepError'
  /** The step's id, with its occurrence from the second on. */
  readonly stepId: string
  /** How many attempts were made. */
  readonly attempts: number

  constructor(stepId: string, attempts: number, cause: unknown) {
    super('STEP_FAILED', reasonOf(cause), {
      hint: `Catch it around step '${stepId}' to go on without the step; uncaught, it fails the run.`,
      facts: { stepId, attempts },
      cause,
    })
    this.stepId = stepId
    this.attempts = attempts
  }
}

function reasonOf(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause)
  } catch {
    // Anything can be thrown, and not everything can be made a text.
    return `something of type ${typeof cause} was thrown`
  }
}

/** Thrown into workflow code when its run is cancelled, and by `result()` of such a run. */
export class CancelledError extends PerdureError<'RUN_CANCELLED'> {
  override readonly name = 'CancelledError'
  readonly reason: string

  constructor(reason: string) {
    super('RUN_CANCELLED', reason === '' ? 'The run was cancelled.' : `Cancelled: ${reason}`, {
      hint: 'Use `finally` to clean up; steps in there go inside step.shield().',
      facts: { reason },
    })
    this.reason = reason
  }
}
