import type { Duration } from './duration.ts'
import type { EventSteps } from './event-steps.ts'
import type { Logger } from './logger.ts'
import type { Moment } from './moment.ts'
import type { ReceivedEvent } from './received-event.ts'
import type { RetryOptions } from './retry-options.ts'

/** What a workflow's function gets. */
export interface WorkflowContext<Data = unknown, Event = StartEvent<Data>> {
  /** What started the run: the event that triggered it, or one that holds what `start` was given. */
  readonly event: Event
  /**
   * All the events that the run was gathered from, by `batchEvents` or by `debounce` with mode
   * `'all'`, in the order in which they came. Otherwise just `event`.
   */
  readonly events: readonly Event[]
  readonly step: Step<Event>
  readonly run: { readonly id: string; readonly workflow: string }
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal
  /** Says nothing while the run is replayed. */
  readonly logger: Logger
}

/** The event of a run whose workflow has no triggers, or whose code does not tell them apart. */
export type StartEvent<Data> = ReceivedEvent<string, Data>

/**
 * The steps of a run. Each call is recorded under its id, 1 to 512 characters; an id used again gets
 * its occurrence (`charge`, `charge:1`, ...), so loops may repeat one. Await every call, in any
 * combination, and none in the body of a step.
 */
export interface Step<Trigger = unknown> extends EventSteps<Trigger> {
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
  /** The same, under the id `sleep`. */
  sleep(duration: Duration): Promise<void>
  /** Waits until the wall clock shows `date`; a moment that has passed does not wait. */
  sleepUntil(id: string, date: Moment): Promise<void>
  /** The same, under the id `sleep-until`. */
  sleepUntil(date: Moment): Promise<void>
  /** Steps inside run even though the run is being cancelled: for cleaning up in `finally`. */
  shield<Result>(body: () => Promise<Result>): Promise<Result>
  /**
   * Ends this run and starts its successor with `data`, in one write: for workflows that never
   * end. Never resolves. `result()` of this run is the result of the last successor.
   */
  continueAsNew(data: unknown): Promise<never>
  /**
   * The time of the turn: when the input that the code last reacted to was recorded. In the body of
   * a step it is the turn that called the step, the same for all attempts. It never goes back, in no
   * run of a journal: after the wall clock was set back, it stands until that has caught up. Wait
   * with `step.sleep` for time to pass from here; it does not follow the wall clock.
   */
  now(): Date
  /**
   * From 0 up to 1; the same again in every replay. What a body draws belongs to its step: all
   * attempts draw the same, and the draws of the code around it do not depend on them.
   */
  random(): number
  /** A version 4 UUID; as repeatable as `random`. */
  uuid(): string
}

/** What a step does. It may be called more than once; what it returns first is recorded. */
export type StepBody<Result> = (attempt: StepAttempt) => Result

/** What a body is told of the attempt that it is. */
export interface StepAttempt {
  /** Counts from 0. */
  readonly attempt: number
  /** Aborts when the attempt times out, the run is cancelled, or the engine closes. */
  readonly signal: AbortSignal
  /** The same for all attempts of this step, restarts included; no other step has it. */
  readonly idempotencyKey: string
}

/** What differs for this step from what the workflow says. */
export interface StepOptions extends RetryOptions {
  /**
   * An attempt that takes longer has failed: its `signal` aborts, and the next attempt may begin
   * although its body has not ended. Default: none.
   */
  readonly timeout?: Duration
}
