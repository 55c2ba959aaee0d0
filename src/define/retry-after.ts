import { types } from 'node:util'
import { durationFault } from './duration.ts'
import { givenText, misfit } from './given-text.ts'
import { isObject, refusal, within } from './place.ts'

/**
 * Throw it from a step or from workflow code: the next attempt comes after this long instead of
 * the usual backoff. What fits in no place of it is refused with DEFINITION_INVALID, which is then
 * what the attempt has failed with: the usual backoff serves.
 *
 * @example throw new RetryAfterError('rate limited', '30s')
 * @example throw new RetryAfterError('the provider said slow down', '30s', { scope: 'key' })
 */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError'
  /** Milliseconds, a duration such as `'30s'`, or a moment by the wall clock. */
  readonly retryAfter: number | string | Date
  readonly scope: RetryScope

  constructor(message: string, retryAfter: number | string | Date, options?: RetryAfterOptions) {
    super(message, options)
    this.retryAfter = retryAfter
    this.scope = options?.scope ?? 'step'
    mustFit(this, options)
  }
}

const SCOPES = ['step', 'key', 'workflow', 'engine'] as const

/** What is to wait: what threw; the runs with the same keys; those of the workflow; all of them. */
export type RetryScope = (typeof SCOPES)[number]

/** What else is to wait, beside what threw. */
export interface RetryAfterOptions extends ErrorOptions {
  /**
   * What else is paused until then. `'step'`: nothing, only what threw this waits. `'key'`: the runs
   * that have a key of `concurrency` or `throttle` in common with this one; without such keys as
   * `'workflow'`: all runs of the workflow. `'engine'`: all runs. Paused runs begin no step and are
   * not started; what executes goes on to its end. Default `'step'`.
   */
  readonly scope?: RetryScope
}

// What it was thrown for is not lost: it is named, and its whole error is the cause.
function mustFit(error: RetryAfterError, options: RetryAfterOptions | undefined): void {
  const place = { of: `RetryAfterError(${JSON.stringify(error.message)})`, path: '' }
  const fault = waitFault(error.retryAfter)
  if (fault !== undefined) throw refusal(within(place, 'retryAfter'), fault, WAIT, error)
  if (options === undefined) return
  const known = isObject(options) && Object.keys(options).every(key => OPTIONS.includes(key))
  if (!known)
    throw refusal(place, misfit(options, 'has other options.'), `Write ${EXAMPLE}.`, error)
  if (options.scope === undefined || SCOPES.includes(options.scope)) return
  const scopeFault = misfit(options.scope, `is none of ${NAMES}.`)
  throw refusal(within(place, 'scope'), scopeFault, `Write one of ${NAMES}.`, error)
}

const WAIT = "Write milliseconds, a duration such as '30s', or a Date."
const OPTIONS = ['cause', 'scope']
const EXAMPLE = "{ cause, scope: 'key' }"
const NAMES = SCOPES.map(scope => `'${scope}'`).join(', ')

/** Why it is nothing that can be waited for; undefined if it is. */
function waitFault(wait: unknown): string | undefined {
  if (types.isDate(wait) && !Number.isNaN(wait.getTime())) return undefined
  if (typeof wait !== 'number' && typeof wait !== 'string') {
    return misfit(wait, 'is neither a duration nor a Date.')
  }
  const fault = durationFault(wait)
  return fault && `${givenText(wait)}: ${fault}.`
}
