import { NonRetriableError, RetryAfterError, type Workflow } from 'perdure'
import type { StepAttempt } from '../../src/define/context.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { BodyCall, EventCall, RunData, Stage } from './calls.ts'
import { ProgramError } from './interpreter.ts'
import { isOutlaw, type Program, type StepNode, type StepOutcome } from './program.ts'
import { SLOW, sample } from './samples.ts'
import type { Witness } from './witness.ts'

export interface StageHost {
  readonly programs: readonly Program[]
  readonly clock: Clock
  readonly witness: Witness
  readonly isAlive: () => boolean
  /** Whether what the code does now was done before, and is not to be noticed. */
  readonly isReplay: () => boolean
  /** Looks at something that may break a law; `undefined` if it does. */
  guard<Value>(look: () => Value): Value | undefined
}

/** The world as one life of the engine's process meets it. Once the process is dead, nothing acts. */
export class LiveStage implements Stage {
  readonly #host: StageHost
  /** One for each program. */
  workflows: readonly Workflow<RunData>[] = []

  constructor(host: StageHost) {
    this.#host = host
  }

  born(run: string): number {
    this.#mustLive()
    if (this.#host.isReplay()) return this.#host.witness.lives.get(run) ?? 1
    return this.#host.witness.born(run)
  }

  saw(run: string, what: unknown, from?: { node: StepNode; step: string }): void {
    this.#mustLive()
    if (this.#host.isReplay()) return
    this.#host.guard(() => this.#host.witness.saw(run, what, from))
  }

  async foreign(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    this.#mustLive()
  }

  asks(call: EventCall): void {
    this.#mustLive()
    if (this.#host.isReplay()) return
    this.#host.witness.history.events.asks(call)
  }

  heard(run: string, step: string, what: unknown): void {
    this.#mustLive()
    if (this.#host.isReplay()) return
    this.#host.witness.history.events.heard(run, step, what)
  }

  workflow(program: number): { workflow: Workflow<RunData>; continues: number } {
    // One that is parked would keep whoever calls it.
    const programs = this.#host.programs.filter(each => !isOutlaw(each))
    const at = program % programs.length
    const workflow = this.workflows[at]
    if (workflow === undefined) throw new Error('a program has a workflow')
    return { workflow, continues: programs[at]?.continues ?? 0 }
  }

  body(call: BodyCall, attempt: StepAttempt): unknown {
    this.#mustLive()
    const { witness, guard } = this.#host
    const done = guard(() => witness.body(call, attempt))
    if (done === undefined) throw new ProgramError('a law is broken')
    const { outcomes } = call.node
    const outcome = outcomes[Math.min(attempt.attempt, outcomes.length - 1)] ?? { kind: 'error' }
    return this.#play(outcome, attempt, done)
  }

  #play(outcome: StepOutcome, { signal }: StepAttempt, done: () => void): unknown {
    switch (outcome.kind) {
      case 'slow':
        return this.#slow(outcome.ms, outcome.deaf ? undefined : signal).finally(done)
      case 'never':
        return this.#slow(undefined, signal).finally(done)
      default:
        done()
    }
    switch (outcome.kind) {
      case 'value': {
        const value = sample(outcome.pick)
        this.#host.witness.gave(value)
        return value
      }
      case 'error':
        throw new ProgramError('an attempt failed')
      case 'fatal':
        throw new NonRetriableError('no use')
      case 'retryAfter':
        throw new RetryAfterError('later', outcome.ms)
      default:
        return outcome satisfies never
    }
  }

  #slow(ms: number | undefined, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const callOff =
        ms === undefined ? () => {} : this.#host.clock.alarm(ms, () => resolve({ ...SLOW }))
      signal?.addEventListener('abort', () => {
        callOff()
        reject(signal.reason)
      })
    })
  }

  #mustLive(): void {
    if (!this.#host.isAlive()) throw new ProgramError('this process is dead')
  }
}
