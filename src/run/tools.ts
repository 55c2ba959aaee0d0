import type { TimerClock, TimerSet } from '../../journal/entry.ts'
import type { Step, StepBody, StepOptions } from '../define/context.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import { givenText } from '../define/given-text.ts'
import { type Moment, momentAt } from '../define/moment.ts'
import { optionFaults, optionSchema } from '../define/option-schema.ts'
import { backoffSchema, durationSchema, retriesSchema } from '../define/retry-schema.ts'
import type { Chance } from './chance.ts'
import type { LiveCode } from './code.ts'
import { makeDetachable } from './detachable.ts'
import { EventTools } from './event-tools.ts'
import type { RunFacts } from './listening.ts'
import { mustBeStepId, stepIdFault } from './step-id.ts'

/** The `step` that a workflow's code is given. */
export class StepTools extends EventTools implements Step {
  readonly #code: LiveCode
  readonly #chance: Chance
  readonly #isHandler: boolean

  static {
    for (const { prototype } of [StepTools, EventTools]) {
      makeDetachable(prototype, value => #code in value)
    }
  }

  constructor(code: LiveCode, chance: Chance, facts: RunFacts) {
    super(code, facts)
    this.#code = code
    this.#chance = chance
    this.#isHandler = facts.isHandler
  }

  run<Result>(id: string, body: StepBody<Result>, options?: StepOptions): Promise<Awaited<Result>> {
    const fault = faultIn(id, body, options)
    if (fault !== undefined) return this.#code.refuse(id, fault)
    const answer = this.#code.ask({
      id,
      body,
      ...(options !== undefined && { options }),
      command: (id, shielded) => ({ type: 'step.scheduled', id, ...(shielded && { shielded }) }),
    })
    return answer as Promise<Awaited<Result>>
  }

  sleep(...args: [string, Duration] | [Duration]): Promise<void> {
    const [id, duration] = args.length === 2 ? args : ['sleep', args[0]]
    return this.#timer(id, 'elapsed', () =>
      Math.ceil(this.#code.moment.elapsed + parseDuration(duration)),
    )
  }

  sleepUntil(...args: [string, Moment] | [Moment]): Promise<void> {
    const [id, moment] = args.length === 2 ? args : ['sleep-until', args[0]]
    return this.#timer(id, 'wall', () =>
      Math.ceil(momentAt(moment, { of: `Step '${id}'`, path: '' })),
    )
  }

  shield<Result>(body: () => Promise<Result>): Promise<Result> {
    return this.#code.whereabouts.shield(body)
  }

  continueAsNew(data: unknown): Promise<never> {
    if (this.#isHandler) return this.#code.refuse('continueAsNew', handlerGoesOn())
    return this.#code.continueAsNew(data)
  }

  now(): Date {
    return new Date(this.#code.whereabouts.body?.calledAt ?? this.#code.moment.at)
  }

  random(): number {
    return this.#drawn.random()
  }

  uuid(): string {
    return this.#drawn.uuid()
  }

  // A body is not repeated in a replay: what it draws must not be missing there.
  get #drawn(): Chance {
    return this.#code.whereabouts.body?.chance ?? this.#chance
  }

  // What comes back is the answer itself, so that a sleep nobody awaits is noticed.
  #timer(id: string, clock: TimerClock, dueAt: () => number): Promise<void> {
    let due: number
    try {
      mustBeStepId(id)
      due = dueAt()
    } catch (error) {
      return this.#code.refuse(id, error)
    }
    const command = (id: string, shielded: boolean): TimerSet => ({
      type: 'timer.set',
      id,
      clock,
      due,
      ...(shielded && { shielded }),
    })
    return this.#code.ask({ id, command }) as Promise<void>
  }
}

const optionsSchema = optionSchema('an object such as { retries, backoff, timeout }', {
  retries: retriesSchema.optional(),
  backoff: backoffSchema.optional(),
  timeout: durationSchema().optional(),
})

function faultIn(id: unknown, body: unknown, options: unknown): EngineError | undefined {
  const fault = stepIdFault(id)
  if (fault !== undefined) return fault
  if (typeof body !== 'function') {
    return invalid(`Step '${id}' needs a function to run; ${givenText(body)} is none.`)
  }
  if (options === undefined) return undefined
  const faults = optionFaults(optionsSchema, options)
  if (faults.length === 0) return undefined
  return invalid(`The options of step '${id}' are not valid. ${faults.join('; ')}`)
}

const invalid = (message: string): EngineError =>
  new EngineError('DEFINITION_INVALID', message, { hint: 'Correct the call in the workflow.' })

// What it handles is its data: with other data it would not know what had ended.
const handlerGoesOn = (): EngineError =>
  new EngineError('DEFINITION_INVALID', 'A handler of an end cannot continue as a new run.', {
    hint: 'Send an event that starts a workflow, and continue that.',
  })
