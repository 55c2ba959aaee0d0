import { type Duration, parseDuration } from '../define/duration.ts'
import type { RetryScope } from '../define/retry-after.ts'
import type { RetryPolicy } from '../define/retry-options.ts'
import { chanceOf } from './chance.ts'
import { isOurs } from './thrown.ts'

/** Time for a record. */
export interface Moment {
  /** The wall clock, except that it never goes back along the journal. */
  readonly at: number
  readonly elapsed: number
}

/** Both clocks as they are. */
export interface Instant {
  readonly wall: number
  readonly elapsed: number
}

/**
 * When the next attempt is due on the elapsed clock; `undefined` if there is none.
 * `attempt` is the one that failed, from 0; `chanceWords` name it, for its jitter.
 */
export function retryAt(
  policy: RetryPolicy,
  attempt: number,
  thrown: unknown,
  failed: Instant,
  chanceWords: readonly (string | number)[],
): number | undefined {
  if (attempt >= policy.retries || isOurs(thrown, 'NonRetriableError')) return undefined
  const asked = isOurs(thrown, 'RetryAfterError') ? askedWait(thrown, failed) : undefined
  if (asked !== undefined) return Math.ceil(failed.elapsed + asked)
  const wait = waitAfter(policy, attempt)
  const jitter = policy.jitter === 0 ? 0 : wait * policy.jitter * chanceOf(...chanceWords, attempt)
  return Math.ceil(failed.elapsed + wait + jitter)
}

/** What else is to wait, and until when on the elapsed clock, if what was thrown asks for that. */
export interface ScopedWait {
  readonly scope: Exclude<RetryScope, 'step'>
  readonly until: number
}

export function scopedWait(thrown: unknown, failed: Instant): ScopedWait | undefined {
  const scope = isOurs(thrown, 'RetryAfterError') ? scopeOf(thrown) : 'step'
  const wait = scope === 'step' ? undefined : askedWait(thrown, failed)
  if (scope === 'step' || wait === undefined) return undefined
  return { scope, until: Math.ceil(failed.elapsed + wait) }
}

function scopeOf(thrown: unknown): RetryScope {
  try {
    const { scope } = thrown as { readonly scope?: unknown }
    return scope === 'key' || scope === 'workflow' || scope === 'engine' ? scope : 'step'
  } catch {
    return 'step'
  }
}

function waitAfter({ waits }: RetryPolicy, attempt: number): number {
  if ('initial' in waits) return Math.min(waits.max, waits.initial * waits.factor ** attempt)
  return waits[Math.min(attempt, waits.length - 1)] ?? 0
}

// A mistaken wait must not turn one failure into another: then the usual backoff serves.
function askedWait(thrown: unknown, failed: Instant): number | undefined {
  try {
    const { retryAfter } = thrown as { readonly retryAfter: unknown }
    if (!(retryAfter instanceof Date)) return parseDuration(retryAfter as Duration)
    // A date is meant by the clock on the wall, which may have been set back.
    const wait = retryAfter.getTime() - failed.wall
    return Number.isNaN(wait) ? undefined : Math.max(0, wait)
  } catch {
    return undefined
  }
}
