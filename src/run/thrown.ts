import { decodeValue } from '../../journal/codec/decode.ts'
import { JournalError, originalOf, PerdureError } from '../../journal/error.ts'
import { CancelledError, EngineError, NonRetriableError, StepError } from '../define/error.ts'
import { RetryAfterError } from '../define/retry-after.ts'

const classes = {
  CancelledError,
  EngineError,
  JournalError,
  NonRetriableError,
  PerdureError,
  RetryAfterError,
  StepError,
}
const OURS = new Map<string, object>(
  Object.entries(classes).map(([name, Class]) => [name, Class.prototype]),
)
const DEEPEST_CAUSE = 10

/**
 * Whether it is an error of this class, or by its name one of another copy of the package. Anything
 * can be thrown: whatever its getters and proxies do, this throws nothing.
 */
export function isOurs(thrown: unknown, name: keyof typeof classes): boolean {
  try {
    return thrown instanceof classes[name] || (thrown instanceof Error && thrown.name === name)
  } catch {
    return false
  }
}

/** Whether it is this error, or has it for a cause. Throws nothing, as `isOurs`. */
export function stemsFrom(thrown: unknown, origin: unknown): boolean {
  try {
    let error = thrown
    for (let depth = 0; depth < DEEPEST_CAUSE; depth++) {
      if (error === origin) return true
      if (!(error instanceof Error)) return false
      if (originalOf(error) === origin) return true
      error = error.cause
    }
  } catch {
    // Then it says nothing of where it comes from.
  }
  return false
}

/** The errors that `Promise.any` gathers in one. Throws nothing, as `isOurs`. */
export function gatheredIn(thrown: unknown): readonly unknown[] {
  try {
    return thrown instanceof AggregateError ? [...thrown.errors] : []
  } catch {
    return []
  }
}

/** What was thrown, from its bytes. Errors of Perdure's own classes are instances of them again. */
export const decodeThrown = (bytes: Uint8Array): unknown => asThrown(decodeValue(bytes))

/** The same, from the value that the codec made of it. */
export function asThrown(thrown: unknown): unknown {
  revive(thrown, new Set())
  return thrown
}

function revive(error: unknown, seen: Set<unknown>): void {
  if (!(error instanceof Error) || seen.has(error)) return
  seen.add(error)
  const prototype = OURS.get(error.name)
  if (prototype !== undefined) Object.setPrototypeOf(error, prototype)
  for (const each of gatheredIn(error)) revive(each, seen)
  revive(error.cause, seen)
}
