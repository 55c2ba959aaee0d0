import { PerdureError } from '../../journal/error.ts'
import { parseDuration } from '../define/duration.ts'
import { NonRetriableError, RetryAfterError } from '../define/error.ts'
import type { RetryPolicy } from '../define/retry-options.ts'
import { chanceOf } from './chance.ts'

/** When something failed, on both clocks. */
export interface Moment {
  /** Wall clock. */
  readonly at: number
  readonly elapsed: number
}

/**
 * When the next attempt is due on the elapsed clock; `undefined` if there is none.
 * `attempt` is the one that failed, from 0; `chanceWords` name it, for its jitter.
 */
export function retryAt(
  policy: RetryPolicy,
  attempt: number,
  error: unknown,
  failed: Moment,
  chanceWords: readonly (string | number)[],
): number | undefined {
  if (attempt >= policy.retries || !isRetriable(error)) return undefined
  const asked = error instanceof RetryAfterError ? askedWait(error, failed) : undefined
  if (asked !== undefined) return Math.ceil(failed.elapsed + asked)
  const wait = waitAfter(policy, attempt)
  const jitter = policy.jitter === 0 ? 0 : wait * policy.jitter * chanceOf(...chanceWords, attempt)
  return Math.ceil(failed.elapsed + wait + jitter)
}

function waitAfter({ waits }: RetryPolicy, attempt: number): number {
  if ('initial' in waits) return Math.min(waits.max, waits.initial * waits.factor ** attempt)
  return waits[Math.min(attempt, waits.length - 1)] ?? 0
}

function askedWait({ retryAfter }: RetryAfterError, failed: Moment): number | undefined {
  // A mistaken wait must not turn one failure into another: then the usual backoff serves.
  if (retryAfter instanceof Date) {
    const wait = retryAfter.getTime() - failed.at
    return Number.isNaN(wait) ? undefined : Math.max(0, wait)
  }
  try {
    return parseDuration(retryAfter)
  } catch {
    return undefined
  }
}

// What Perdure itself says about a step or its code would be said again: nested steps, values that
// cannot be stored. Only a timeout may go better next time.
const isRetriable = (error: unknown): boolean =>
  !(error instanceof NonRetriableError || named(error, 'NonRetriableError')) &&
  (!(error instanceof PerdureError) || error.code === 'STEP_TIMEOUT')

const named = (error: unknown, name: string): boolean =>
  error instanceof Error && error.name === name
