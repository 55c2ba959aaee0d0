import { StepError } from '../define/error.ts'

const DEEPEST_CAUSE = 10

/** The id of the step that an error tells of, itself or as a cause of it. */
export function failedStepOf(thrown: unknown): string | undefined {
  let error = thrown
  for (let depth = 0; error instanceof Error && depth < DEEPEST_CAUSE; depth++) {
    if (error instanceof StepError) return error.stepId
    error = error.cause
  }
  return undefined
}
