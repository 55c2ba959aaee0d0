import type { OpenStep } from '../../journal/pending.ts'
import type { StepAttempt } from '../define/context.ts'
import { idempotencyKey } from '../run/chance.ts'
import type { RunningAttempt } from '../run/run.ts'

/** What a step body is given. What is costly is made when it is asked for. */
export class Attempt implements StepAttempt, RunningAttempt {
  readonly attempt: number
  /** Calls off what would end it for taking too long; before it has begun, that it is waited for. */
  callOff: () => void = () => {}
  hasBegun = false
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
    if (!this.hasBegun) this.callOff()
  }
}
