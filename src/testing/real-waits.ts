import { EngineError } from '../define/error.ts'
import type { BodyCall } from '../engine/body-runner.ts'

/** What step bodies have promised and not kept: in a schedule, nothing real can be waited for. */
export class RealWaits {
  readonly #waits = new Map<PromiseLike<unknown>, BodyCall>()

  get isEmpty(): boolean {
    return this.#waits.size === 0
  }

  /** Calls back when the promise is kept, or broken. */
  add(call: BodyCall, promise: PromiseLike<unknown>, settled: () => void): void {
    this.#waits.set(promise, call)
    const end = (): void => {
      this.#waits.delete(promise)
      settled()
    }
    promise.then(end, end)
  }

  /** The process they ran in has died. */
  forget(): void {
    this.#waits.clear()
  }

  /** Throws DEFINITION_INVALID. */
  mustBeNone(): void {
    const [call] = this.#waits.values()
    if (call === undefined) return
    const { workflow, step } = call
    throw new EngineError('DEFINITION_INVALID', `Step ${step} waits for something real.`, {
      hint: `Give it a stub: steps: { '${step}': (call, world) => result }.`,
      facts: { workflow, step },
    })
  }
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  'then' in value &&
  typeof value.then === 'function'
