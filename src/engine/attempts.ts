import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Input } from '../../journal/entry.ts'
import type { OpenStep } from '../../journal/pending.ts'
import type { StepClaim } from '../admission/step-claim.ts'
import { StepQueue, type StepQueueHost } from '../admission/step-queue.ts'
import { defaultRetryPolicy, retryPolicy } from '../define/retry-options.ts'
import type { Clock } from '../ports/clock.ts'
import { BodyScope } from '../run/body-scope.ts'
import { promised } from '../run/promised.ts'
import { type Instant, retryAt, type ScopedWait, scopedWait } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'
import { isOurs, stemsFrom } from '../run/thrown.ts'
import { Attempt } from './attempt.ts'
import { Bell } from './bell.ts'
import { type BodyHost, callBody, type Job } from './body-call.ts'
import type { Refusal } from './refusal.ts'

export interface AttemptsHost extends BodyHost {
  readonly values: ValueLimits
  now(): Instant
  /** How the attempt ended, as an input for the run. */
  ended(run: Run, input: Input, pauses: ScopedWait | undefined): void
  /** Others have to wait because of a run, from now on: before anybody has the place that is free now. */
  hold(run: Run, pauses: ScopedWait): void
  /** A step that waited for its place was not begun, because of what happened to its run. */
  dropped(run: Run): void
  /** What steps of a run come under; nothing: no limit of their own. */
  claimOf(run: Run): StepClaim | undefined
  readonly limits: StepQueueHost
}

/** Runs step bodies: of all at most so many at once, and as many as limits of workflows allow. */
export class Attempts {
  readonly #host: AttemptsHost
  readonly steps: StepQueue<Job>
  readonly #bell: Bell
  readonly #jobs = new Set<Job>()
  /** What the engine refuses requests with, once it is leaving. */
  #refusal: Refusal | undefined
  #stopped = false
  #filling = false

  constructor(host: AttemptsHost, most: number) {
    this.#host = host
    this.steps = new StepQueue(most, host.limits)
    // Pauses of limits count time that passes.
    const now = () => ({ wall: host.now().elapsed, elapsed: host.now().elapsed })
    const alarm: Clock['alarm'] = (...what) => host.clock.alarm(...what)
    this.#bell = new Bell({ now, alarm }, () => this.fill())
  }

  get running(): number {
    return this.#jobs.size
  }

  get waiting(): number {
    return this.steps.size
  }

  /** Whether the body of a step executes. */
  executes(run: string, seq: number): boolean {
    for (const job of this.#jobs) if (job.run.id === run && job.step.seq === seq) return true
    return false
  }

  /** The runs of so many steps that execute, or that do so under a limit. */
  executing(most: number, id?: string): readonly string[] {
    const runs: string[] = []
    for (const { run, claim } of this.#jobs) {
      if (runs.length === most) break
      if (id === undefined || claim?.limits.some(limit => limit.id === id)) runs.push(run.id)
    }
    return runs
  }

  /** Starts the body of a step, unless it is running already or the run's code is not alive. */
  start(run: Run, step: OpenStep): void {
    const { code } = run
    const awaited = code?.awaited(step.seq)
    if (this.#refusal !== undefined || code === undefined || awaited?.call.body === undefined)
      return
    if (run.attempts.has(step.seq)) return
    const attempt = new Attempt(run.ledger.seed, step)
    run.attempts.set(step.seq, attempt)
    const scope = new BodyScope(code, awaited, run.ledger.seed)
    const claim = this.#host.claimOf(run)
    const job: Job = { run, step, awaited, attempt, scope, claim, pauses: undefined }
    const now = claim === undefined ? 0 : this.#host.now().elapsed
    if (this.steps.passes(claim, now)) return this.#begin(job)
    attempt.callOff = this.#wait(job, claim ?? this.#unclaimed(run))
    this.fill()
  }

  /** Of a run whose steps come under no limit of their own. */
  #unclaimed({ id, ledger }: Run): StepClaim {
    const { workflow, readyAt } = ledger
    return this.steps.claim({ run: id, workflow, rank: readyAt }, [])
  }

  // A step whose run is cancelled while it waits gives its place up.
  #wait(job: Job, claim: StepClaim): () => void {
    const leave = this.steps.push(job, claim)
    return () => {
      if (leave()) this.#drop(job)
    }
  }

  /** Starts nothing more: the next opening does. */
  leave(refusal: Refusal): void {
    this.#refusal ??= refusal
    this.steps.clear()
    this.#bell.stop()
  }

  /** Starts nothing more, and aborts what runs: its results would no longer be recorded. */
  stop(reason: Refusal): void {
    this.leave(reason)
    this.#stopped = true
    for (const { attempt } of this.#jobs) {
      attempt.callOff()
      attempt.abort(reason.error)
    }
  }

  // A body that ends at once makes room at once: a loop, since as a recursion it could go too deep.
  /** Begins what may begin. */
  fill(): void {
    if (this.#filling || this.steps.size === 0) return
    this.#filling = true
    const now = this.#host.now().elapsed
    for (let next = this.steps.next(now); next !== undefined; next = this.steps.next(now)) {
      next.attempt.callOff = nothing
      this.#begin(next)
    }
    this.#filling = false
    this.#bell.ringAt(this.steps.wakeAt)
  }

  #begin(job: Job): void {
    this.#jobs.add(job)
    job.attempt.hasBegun = true
    // A step whose run was cancelled, paused or parked while it waited for its place is not begun.
    if (job.attempt.isAborted || job.run.ledger.status !== 'running') this.#end(job, undefined)
    else this.#execute(job)
  }

  // What is no promise is not waited for: for a small step that would be most of its cost.
  #execute(job: Job): void {
    let result: unknown
    try {
      result = callBody(job, this.#host)
    } catch (thrown) {
      return this.#end(job, this.#failed(job, thrown))
    }
    if (!mayBePromise(result)) return this.#end(job, this.#succeeded(job, result))
    promised(result).then(
      value => this.#end(job, this.#succeeded(job, value)),
      thrown => this.#end(job, this.#failed(job, thrown)),
    )
  }

  #end(job: Job, input: Input | undefined): void {
    this.#jobs.delete(job)
    if (job.pauses !== undefined) this.#host.hold(job.run, job.pauses)
    this.steps.done(job.claim)
    if (input === undefined) this.#drop(job)
    else if (!this.#stopped) this.#host.ended(job.run, input, job.pauses)
    this.fill()
  }

  #drop({ run, step }: Job): void {
    run.attempts.delete(step.seq)
    this.#host.dropped(run)
  }

  #succeeded(job: Job, result: unknown): Input | undefined {
    const { seq, attempt } = job.step
    const { fault } = job.scope
    if (fault !== undefined) return this.#failed(job, fault)
    try {
      const value = encodeValue(result, this.#host.values)
      return { type: 'step.succeeded', of: seq, attempt, value }
    } catch (thrown) {
      return this.#failed(job, job.scope.code.given.note(thrown))
    }
  }

  #failed(job: Job, thrown: unknown): Input | undefined {
    // Its request would have been taken had the engine not been leaving: no attempt of the body
    // has failed. The step stays open, and the next opening begins it again.
    if (this.#isRefusal(thrown)) return undefined
    const { seq, attempt } = job.step
    const error = encodeThrown(thrown, this.#host.values)
    job.pauses = scopedWait(thrown, this.#host.now())
    const due = this.#retryAt(job, thrown)
    const retry = due === undefined ? {} : { retryAt: due }
    return { type: 'step.failed', of: seq, attempt, error, ...retry }
  }

  // A body that gave up for good because of it has made up its mind.
  #isRefusal(thrown: unknown): boolean {
    if (this.#refusal === undefined || isOurs(thrown, 'NonRetriableError')) return false
    return stemsFrom(thrown, this.#refusal.error)
  }

  #retryAt({ run, scope, step, awaited }: Job, thrown: unknown): number | undefined {
    if (scope.code.given.isFinal(thrown)) return undefined
    const base = run.workflow?.retry ?? defaultRetryPolicy
    const policy = retryPolicy(awaited.call.options ?? {}, base)
    const words = [run.ledger.seed, step.id]
    return retryAt(policy, step.attempt, thrown, this.#host.now(), words)
  }
}

const nothing = (): void => {}

const mayBePromise = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
