import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Input } from '../../journal/entry.ts'
import type { OpenStep } from '../../journal/pending.ts'
import type { StepAttempt } from '../define/context.ts'
import { parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import { defaultRetryPolicy, retryPolicy } from '../define/retry-options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Awaited, Scopes } from '../run/call.ts'
import { idempotencyKey } from '../run/chance.ts'
import type { LiveCode } from '../run/code.ts'
import { type Moment, retryAt } from '../run/retry.ts'
import type { Run, RunningAttempt } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'

export interface AttemptsHost {
  readonly clock: Clock
  readonly scopes: Scopes
  readonly values: ValueLimits
  stamp(): Moment
  /** How the attempt ended, as an input for the run. */
  ended(run: Run, input: Input): void
  /** A step that waited for its place was not begun, because of what happened to its run. */
  dropped(run: Run): void
}

/** Runs step bodies, at most so many at once, first come first served. */
export class Attempts {
  readonly #host: AttemptsHost
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  readonly #jobs = new Set<Job>()
  #leaving = false
  #stopped = false

  constructor(host: AttemptsHost, most: number) {
    this.#host = host
    this.#most = most
  }

  get running(): number {
    return this.#jobs.size
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Starts the body of a step, unless it is running already or the run's code is not alive. */
  start(run: Run, step: OpenStep): void {
    const { code } = run
    const awaited = code?.awaited(step.seq)
    if (this.#leaving || code === undefined || awaited?.call.body === undefined) return
    if (run.attempts.has(step.seq)) return
    const attempt = new Attempt(run.ledger.seed, step)
    run.attempts.set(step.seq, attempt)
    const begin = (): void => void this.#run({ run, code, step, awaited, attempt })
    if (this.#jobs.size < this.#most) begin()
    else this.#waiting.push(begin)
  }

  /** Starts nothing more: the next opening does. */
  leave(): void {
    this.#leaving = true
    this.#waiting.length = 0
  }

  /** Starts nothing more, and aborts what runs: its results would no longer be recorded. */
  stop(reason: unknown): void {
    this.leave()
    this.#stopped = true
    for (const { attempt } of this.#jobs) attempt.abort(reason)
  }

  async #run(job: Job): Promise<void> {
    this.#jobs.add(job)
    // A step whose run was cancelled, paused or parked while it waited for its place is not begun.
    const mayBegin = !job.attempt.isAborted && job.run.ledger.status === 'running'
    const input = mayBegin ? await this.#execute(job) : undefined
    const { run, step, attempt } = job
    if (run.attempts.get(step.seq) === attempt) run.attempts.delete(step.seq)
    if (input === undefined) this.#host.dropped(run)
    else if (!this.#stopped) this.#host.ended(run, input)
    this.#jobs.delete(job)
    this.#waiting.shift()?.()
  }

  async #execute(job: Job): Promise<Input> {
    const { seq, attempt } = job.step
    try {
      const value = encodeValue(await this.#call(job), this.#host.values)
      return { type: 'step.succeeded', of: seq, attempt, value }
    } catch (thrown) {
      const error = encodeThrown(thrown, this.#host.values)
      const due = this.#retryAt(job, thrown)
      return {
        type: 'step.failed',
        of: seq,
        attempt,
        error,
        ...(due !== undefined && { retryAt: due }),
      }
    }
  }

  #retryAt({ run, step, awaited }: Job, thrown: unknown): number | undefined {
    const base = run.workflow?.retry ?? defaultRetryPolicy
    const policy = retryPolicy(awaited.call.options ?? {}, base)
    const words = [run.ledger.seed, step.id]
    return retryAt(policy, step.attempt, thrown, this.#host.stamp(), words)
  }

  #call({ code, awaited, attempt }: Job): unknown {
    const { body, options } = awaited.call
    const scope = { kind: 'body', code, step: awaited.id } as const
    const result = this.#host.scopes.run(scope, () => body?.(attempt))
    if (options?.timeout === undefined) return result
    const ms = parseDuration(options.timeout)
    return new Promise((resolve, reject) => {
      const callOff = this.#host.clock.alarm(ms, () => {
        const error = timedOut(awaited.id, ms)
        attempt.abort(error)
        reject(error)
      })
      Promise.resolve(result).then(resolve, reject).finally(callOff)
    })
  }
}

interface Job {
  readonly run: Run
  readonly code: LiveCode
  readonly step: OpenStep
  readonly awaited: Awaited
  readonly attempt: Attempt
}

/** What a step body is given. What is costly is made when it is asked for. */
class Attempt implements StepAttempt, RunningAttempt {
  readonly attempt: number
  readonly #seed: string
  readonly #stepId: string
  #controller: AbortController | undefined
  #aborted: { reason: unknown } | undefined

  constructor(seed: string, { id, attempt }: OpenStep) {
    this.attempt = attempt
    this.#seed = seed
    this.#stepId = id
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason)
    return this.#controller.signal
  }

  get idempotencyKey(): string {
    return idempotencyKey(this.#seed, this.#stepId)
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason }
    this.#controller?.abort(reason)
  }
}

const timedOut = (id: string, ms: number): EngineError =>
  new EngineError('STEP_TIMEOUT', `Step '${id}' took longer than ${ms} ms.`, {
    hint: 'Pass its `signal` on so that it stops, or give the step a longer `timeout`.',
    facts: { step: id, timeout: ms },
  })
