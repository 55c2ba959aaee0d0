import type { StepOptions, WorkflowContext } from 'perdure'

/** What the workflows do to the world outside. */
export interface World {
  /** The code of a run begins. */
  began(run: string): void
  /** A step body: leaves its traces, fails for the first `fails` attempts, returns something new. */
  body(call: BodyCall): Promise<string>
  /** Throws the first `times` times it is called for the run and place, whoever calls. */
  stumble(run: string, place: string, times: number): void
}

export interface BodyCall {
  readonly run: string
  readonly step: string
  readonly attempt: number
  readonly key: string
  readonly input: unknown
  readonly fails: number
}

interface Context {
  readonly run: Pick<WorkflowContext['run'], 'id'>
  readonly step: Pick<WorkflowContext['step'], 'run' | 'sleep' | 'sleepUntil'>
}

/** What the code saw, in the order it saw it. */
export type Seen = readonly [step: string, value: string]

export const RETRY = { retries: 4, backoff: [1, 3] } as const
export const ONCE = { retries: 0 } as const

/** One run of a workflow's code. Numbers repeated ids as the engine does. */
export class Stage {
  readonly seen: Seen[] = []
  readonly #context: Context
  readonly #world: World
  readonly #ids = new Map<string, number>()

  constructor(context: Context, world: World) {
    this.#context = context
    this.#world = world
    world.began(context.run.id)
  }

  do(id: string, input: unknown, fails = 0, options: StepOptions = RETRY): Promise<string> {
    const { run, step } = this.#context
    const label = this.#label(id)
    const answer = step.run(
      id,
      ({ attempt, idempotencyKey: key }) =>
        this.#world.body({ run: run.id, step: label, attempt, key, input, fails }),
      options,
    )
    return this.#see(label, answer)
  }

  nap(id: string, ms: number): Promise<string> {
    return this.#see(
      this.#label(id),
      this.#context.step.sleep(id, ms).then(() => 'slept'),
    )
  }

  hear(id: string, heard: Promise<{ readonly id: string } | null>): Promise<string> {
    return this.#see(
      this.#label(id),
      heard.then(event => event?.id ?? 'nothing'),
    )
  }

  until(id: string, moment: number): Promise<string> {
    return this.#see(
      this.#label(id),
      this.#context.step.sleepUntil(id, moment).then(() => 'slept'),
    )
  }

  #see(label: string, answer: Promise<string>): Promise<string> {
    return answer.then(
      value => {
        this.seen.push([label, value])
        return value
      },
      error => {
        this.seen.push([label, 'failed'])
        throw error
      },
    )
  }

  #label(id: string): string {
    const before = this.#ids.get(id) ?? 0
    this.#ids.set(id, before + 1)
    return before === 0 ? id : `${id}:${before}`
  }
}
