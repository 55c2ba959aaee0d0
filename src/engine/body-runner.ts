import type { StepAttempt } from '../define/context.ts'

/** One attempt of a step, about to run. */
export interface BodyCall {
  readonly run: string
  readonly workflow: string
  /** With its occurrence from the second on: `charge`, `charge:1`, ... */
  readonly step: string
  readonly attempt: StepAttempt
  /** Calls the body that the workflow's code gave. */
  body(): unknown
}

/**
 * Runs a step body, or something in its place: what it returns is the step's result, what it throws
 * or rejects with its failure. Tests run stubs, in an order of their choice.
 */
export type BodyRunner = (call: BodyCall) => unknown
