import type { Duration } from './duration.ts'
import type { Logger } from './logger.ts'
import type { RetryOptions } from './retry-options.ts'

/** What a workflow's function gets. */
export interface WorkflowContext<Data = unknown> {
  /** What started the run; `event.data` is what `start` was given. */
  readonly event: StartEvent<Data>
  readonly step: Step
  readonly run: { readonly id: string; readonly workflow: string }
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal
  /** Says nothing while the run is replayed. */
  readonly logger: Logger
}

export interface StartEvent<Data> {
  readonly name: string
  readonly data: Data
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly ts: number
}

/**
 * The steps of a run. Each call is recorded under its id; an id used again gets its occurrence
 * (`charge`, `charge:1`, ...), so loops may repeat one. Await every call, in any combination.
 */
export interface Step {
  /**
   * Runs `body` and records what it returns. Once recorded it never runs again; before that it is
   * repeated after a failure (per policy) or a crash, under one `idempotencyKey`. Values come back
   * as they were stored. Throws {@link StepError} when the last attempt has failed.
   *
   * @example
   * const charge = await step.run('charge', ({ idempotencyKey }) =>
   *   payments.charge({ amount, idempotencyKey }))
   */
  run<Result>(id: string, body: StepBody<Result>, options?: StepOptions): Promise<Awaited<Result>>
  /** Waits for a span of elapsed time; jumps of the wall clock neither shorten nor stretch it. */
  sleep(id: string, duration: Duration): Promise<void>
  sleep(duration: Duration): Promise<void>
  /** Waits until the wall clock shows `date`; a moment that has passed does not wait. */
  sleepUntil(id: string, date: Moment): Promise<void>
  sleepUntil(date: Moment): Promise<void>
  /** Steps inside run even though the run is being cancelled: for cleaning up in `finally`. */
  shield<Result>(body: () => Promise<Result>): Promise<Result>
  /**
   * Ends this run and starts its successor with `data`, in one write: for workflows that never
   * end. Never resolves. `result()` of this run is the result of the last successor.
   */
  continueAsNew(data: unknown): Promise<never>
  /** The time of the turn: when the input that the code last reacted to was recorded. */
  now(): Date
  /** From 0 up to 1; the same again in every replay. */
  random(): number
  /** A version 4 UUID; the same again in every replay. */
  uuid(): string
}

export type StepBody<Result> = (attempt: StepAttempt) => Result

export interface StepAttempt {
  /** Counts from 0. */
  readonly attempt: number
  /** Aborts when the attempt times out, the run is cancelled, or the engine closes. */
  readonly signal: AbortSignal
  /** The same for all attempts of this step, restarts included; no other step has it. */
  readonly idempotencyKey: string
}

export interface StepOptions extends RetryOptions {
  /** An attempt that takes longer has failed. Default: none. */
  readonly timeout?: Duration
}

/** A date, its ISO 8601 text (local time if that names no zone), or milliseconds since the epoch. */
export type Moment = Date | string | number
