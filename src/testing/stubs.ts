import type { StepAttempt } from '../define/context.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { BodyCall, BodyRunner } from '../engine/body-runner.ts'

/** What a stub is called with: what the body would have got, and whose step it is. */
export interface StubCall extends StepAttempt {
  readonly run: string
  readonly workflow: string
  /** With its occurrence from the second on: `charge`, `charge:1`, ... */
  readonly step: string
  /** Calls the body that the stub stands for. */
  body(): unknown
}

/** Runs in place of a step's body: what it returns or throws, the step comes to. */
export type Stub = (call: StubCall) => unknown

/** What runs in place of step bodies. */
export class Stubs {
  readonly #stubs = new Map<string, Stub>()

  /**
   * From the next attempt on, `stub` runs in place of the body of a step: of all occurrences of
   * `id`, or of the one that `id` names (`charge:1`). Without a stub the body runs again. Throws
   * DEFINITION_INVALID.
   *
   * @example engine.steps.stub(order, 'charge', ({ attempt }) => ({ id: `ch_${attempt}` }))
   */
  stub(workflow: AnyWorkflow | string, id: string, stub: Stub | undefined): void {
    const name = typeof workflow === 'string' ? workflow : workflow.id
    if (typeof id !== 'string' || (stub !== undefined && typeof stub !== 'function')) {
      throw new EngineError('DEFINITION_INVALID', `The stub of ${name} is not a function.`, {
        hint: 'Call steps.stub(workflow, stepId, call => result).',
        facts: { workflow: name, step: id },
      })
    }
    if (stub === undefined) this.#stubs.delete(keyOf(name, id))
    else this.#stubs.set(keyOf(name, id), stub)
  }

  /** @internal Runs stubs, and what has none by `otherwise`. */
  before(otherwise: BodyRunner): BodyRunner {
    return call => {
      const stub = this.#of(call)
      return stub === undefined ? otherwise(call) : stub(stubCall(call))
    }
  }

  #of({ workflow, step }: BodyCall): Stub | undefined {
    const exact = this.#stubs.get(keyOf(workflow, step))
    return exact ?? this.#stubs.get(keyOf(workflow, withoutOccurrence(step)))
  }
}

/** The id that the code gave a step: of `charge:1` it is `charge`. */
export const withoutOccurrence = (step: string): string => step.replace(/:\d+$/, '')

export const stubCall = (call: BodyCall): StubCall => new LazyCall(call)

/** What is costly is made when it is asked for: most stubs make use of neither. */
class LazyCall implements StubCall {
  readonly attempt: number
  declare readonly signal: AbortSignal
  declare readonly idempotencyKey: string
  readonly run: string
  readonly workflow: string
  readonly step: string
  readonly body: () => unknown
  readonly #given: StepAttempt

  constructor({ attempt, run, workflow, step, body }: BodyCall) {
    this.attempt = attempt.attempt
    this.run = run
    this.workflow = workflow
    this.step = step
    this.body = body
    this.#given = attempt
    Object.defineProperties(this, LAZY)
  }

  /** Also for what was made with a call as its prototype. */
  static given(call: object): StepAttempt {
    return #given in call ? call.#given : LazyCall.given(Object.getPrototypeOf(call))
  }
}

// Its own, so that a copy of a call has them. The same functions for all, as for contexts of runs.
const LAZY: PropertyDescriptorMap & ThisType<object> = {
  signal: {
    enumerable: true,
    get() {
      return LazyCall.given(this).signal
    },
  },
  idempotencyKey: {
    enumerable: true,
    get() {
      return LazyCall.given(this).idempotencyKey
    },
  },
}

const keyOf = (workflow: string, step: string): string => JSON.stringify([workflow, step])
