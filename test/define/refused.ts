import { EngineError } from 'perdure'

/** The refusal of a definition: its path, message and hint. */
export function refusedBy(define: () => unknown): { path: unknown; message: string; hint: string } {
  try {
    define()
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'DEFINITION_INVALID') throw error
    return { path: error.facts.path, message: error.message, hint: error.hint }
  }
  throw new Error('it was not refused')
}
