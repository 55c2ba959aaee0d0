import { AsyncResource } from 'node:async_hooks'
import { NonRetriableError } from '../define/error.ts'
import type { BodyCall } from '../engine/body-runner.ts'
import type { Choices } from './choices.ts'
import { errorText } from './error-text.ts'
import { isThenable } from './real-waits.ts'
import type { StepOutcome } from './spec.ts'

/** How a step goes, of those that a spec names. */
export interface StepPlan {
  readonly outcomes: readonly StepOutcome[]
  /** Milliseconds that an attempt may take; the first is the usual. */
  readonly delays: readonly number[]
  /** In place of the body. */
  run(call: BodyCall): unknown
}

/** An attempt that has begun and has not been answered. */
export interface Pending {
  readonly call: BodyCall
  /** `charge`, `charge, attempt 2`. */
  readonly label: string
  readonly isReady: boolean
  /** Has it end one way or the other; says how. */
  answer(): string
}

export interface BodiesHost {
  readonly choices: Choices
  planOf(call: BodyCall): StepPlan
  /** Calls back once after so many milliseconds. */
  alarm(ms: number, ring: () => void): void
  /** An attempt has begun, or ended. */
  moved(): void
  /** A body has promised something. */
  outside(call: BodyCall, promise: PromiseLike<unknown>): void
  /** The elapsed clock. */
  now(): number
}

/** Holds step bodies back, so that they end in an order, and in ways, that are chosen. */
export class Bodies {
  readonly #host: BodiesHost
  #pending: Held[] = []
  /** Those that never answer. */
  #hanging: Held[] = []
  /** Those that were answered, in one way or another: `run-1/charge, attempt 2`. */
  readonly answered = new Set<string>()

  constructor(host: BodiesHost) {
    this.#host = host
  }

  readonly run = (call: BodyCall): Promise<unknown> => {
    const held = new Held(this.#host, call)
    this.#pending.push(held)
    this.#host.moved()
    return held.promise
  }

  /** Whether an attempt has begun and was not answered. */
  get isAny(): boolean {
    return this.#pending.length > 0
  }

  /** Those that can be answered, in the order in which they began. */
  get ready(): readonly Pending[] {
    return this.#pending.filter(({ isReady }) => isReady)
  }

  /** All that have begun and were not answered: what they are, and perhaps when they began. */
  begun({ withTimes }: { readonly withTimes: boolean }): readonly unknown[] {
    return [...this.#pending, null, ...this.#hanging].map(held => {
      if (held === null) return null
      const { call, label, begun, readyAt } = held
      return withTimes ? [call.run, label, begun, readyAt] : [call.run, label]
    })
  }

  answer(pending: Pending): string {
    const held = this.#pending.find(other => other === pending)
    this.#pending = this.#pending.filter(other => other !== held)
    this.answered.add(`${pending.call.run}/${pending.label}`)
    const told = pending.answer()
    if (held?.hangs) this.#hanging.push(held)
    return told
  }

  /** The process they ran in has died. */
  forget(): void {
    this.#pending = []
    this.#hanging = []
  }
}

class Held implements Pending {
  readonly call: BodyCall
  readonly label: string
  readonly begun: number
  /** When it may be answered, on the elapsed clock; at once without. */
  readyAt: number | undefined
  isReady = true
  hangs = false
  readonly promise: Promise<unknown>
  readonly #host: BodiesHost
  readonly #plan: StepPlan
  readonly #stream: string
  // The body is to run as what the engine called, whenever it is run.
  readonly #scope = new AsyncResource('step')
  #resolve: (value: unknown) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(host: BodiesHost, call: BodyCall) {
    this.#host = host
    this.call = call
    this.begun = host.now()
    this.#plan = host.planOf(call)
    const { attempt } = call.attempt
    this.#stream = `${call.run}/${call.step}/${attempt}`
    this.label = attempt === 0 ? call.step : `${call.step}, attempt ${attempt + 1}`
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { delays } = this.#plan
    const delay = delays[host.choices.choose(`delay/${this.#stream}`, delays.length)] ?? 0
    if (delay > 0) this.#wait(delay)
  }

  answer(): string {
    const outcomes = this.#outcomes()
    const outcome = outcomes[this.#host.choices.choose(`outcome/${this.#stream}`, outcomes.length)]
    this.#host.moved()
    return this.#come(outcome ?? 'ok')
  }

  #wait(ms: number): void {
    this.isReady = false
    this.readyAt = this.begun + ms
    this.#host.alarm(ms, () => {
      this.isReady = true
      this.#host.moved()
    })
  }

  #outcomes(): readonly StepOutcome[] {
    const { outcomes } = this.#plan
    if (this.call.attempt.attempt === 0) return outcomes
    return outcomes.filter(outcome => outcome !== 'transient')
  }

  #come(outcome: StepOutcome): string {
    const { step } = this.call
    switch (outcome) {
      case 'ok':
        return this.#act(result => this.#resolve(result), 'done')
      case 'lost':
        return this.#act(result => {
          const lose = (): void => this.#reject(new Error(`The answer of ${step} was lost.`))
          if (isThenable(result)) result.then(lose, this.#reject)
          else lose()
        }, 'done, but its answer is lost')
      case 'error':
      case 'transient':
        this.#reject(new Error(`${step} failed.`))
        return 'fails'
      case 'fatal':
        this.#reject(new NonRetriableError(`${step} failed for good.`))
        return 'fails for good'
      case 'hang':
        this.hangs = true
        return 'never answers'
      default:
        if (outcome instanceof Error) {
          this.#reject(outcome)
          return `throws ${errorText(outcome)}`
        }
        this.#resolve(outcome.value)
        return 'answers'
    }
  }

  #act(then: (result: unknown) => void, told: string): string {
    try {
      const result = this.#scope.runInAsyncScope(() => this.#plan.run(this.call))
      if (isThenable(result)) this.#host.outside(this.call, result)
      then(result)
      return told
    } catch (error) {
      this.#reject(error)
      return `throws ${errorText(error)}`
    }
  }
}
