import { decodeValue } from '../../journal/codec/decode.ts'
import { JournalError, PerdureError } from '../../journal/error.ts'
import {
  CancelledError,
  EngineError,
  NonRetriableError,
  RetryAfterError,
  StepError,
} from '../define/error.ts'

const OURS = new Map<string, object>(
  Object.entries({
    CancelledError,
    EngineError,
    JournalError,
    NonRetriableError,
    PerdureError,
    RetryAfterError,
    StepError,
  }).map(([name, Class]) => [name, Class.prototype]),
)

/** What was thrown, from its bytes. Errors of Perdure's own classes are instances of them again. */
export function decodeThrown(bytes: Uint8Array): unknown {
  const thrown = decodeValue(bytes)
  const seen = new Set<unknown>()
  for (let error = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    seen.add(error)
    const prototype = OURS.get(error.name)
    if (prototype !== undefined) Object.setPrototypeOf(error, prototype)
  }
  return thrown
}
