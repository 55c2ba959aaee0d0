import { type Duration, parseDuration } from './duration.ts'

/** How long to wait before each further attempt: a rule, or the waits themselves. */
export type Backoff = BackoffRule | readonly Duration[]

export interface BackoffRule {
  /** Before the second attempt. Default `'15s'`. */
  readonly initial?: Duration
  /** Each wait is this many times the one before. Default 2. */
  readonly factor?: number
  /** Never longer than this. Default `'2h'`. */
  readonly max?: Duration
  /** A random share of the wait, from 0 to 1, is added to it. Default 0.1. */
  readonly jitter?: number
}

/** How often and when something that failed is tried again. */
export interface RetryOptions {
  /** Further attempts after the first failed. Default 4. */
  readonly retries?: number
  /** Default: 15 s, 30 s, 1 m, 2 m, 5 m, 10 m, 20 m, 40 m, 1 h, 2 h, and a tenth of jitter. */
  readonly backoff?: Backoff
}

/** The same as data: waits in milliseconds, the last one used again and again. */
export interface RetryPolicy {
  readonly retries: number
  readonly waits: readonly number[] | { initial: number; factor: number; max: number }
  readonly jitter: number
}

const DEFAULT_WAITS = ['15s', '30s', '1m', '2m', '5m', '10m', '20m', '40m', '1h', '2h']

export const defaultRetryPolicy: RetryPolicy = {
  retries: 4,
  waits: DEFAULT_WAITS.map(parseDuration),
  jitter: 0.1,
}

export function retryPolicy(options: RetryOptions, base: RetryPolicy): RetryPolicy {
  const retries = options.retries ?? base.retries
  const { backoff } = options
  if (backoff === undefined) return { ...base, retries }
  if (isList(backoff)) return { retries, waits: backoff.map(parseDuration), jitter: 0 }
  const { initial = '15s', factor = 2, max = '2h', jitter = 0.1 } = backoff
  const waits = { initial: parseDuration(initial), factor, max: parseDuration(max) }
  return { retries, waits, jitter }
}

const isList = (backoff: Backoff): backoff is readonly Duration[] => Array.isArray(backoff)
