import { PerdureError } from '../../journal/error.ts'
import type { MadeEvent } from '../define/event.ts'
import type { Engine } from '../engine/engine.ts'
import { isArbitrary } from './arbitrary.ts'
import type { Choices } from './choices.ts'
import { chosenValue, dataFor, generated } from './inputs.ts'
import type { Prepared } from './prepared.ts'

/** Something that is asked of the engine from outside, again and again until it is acknowledged. */
export class Request {
  /** What one reads in the story. */
  readonly label: string
  readonly #ask: (engine: Engine) => Promise<unknown>
  #state: 'open' | 'asked' | 'done' = 'open'
  /** It was refused for good. */
  refusal: unknown

  constructor(label: string, ask: (engine: Engine) => Promise<unknown>) {
    this.label = label
    this.#ask = ask
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  get isStart(): boolean {
    return this.label.startsWith('start ')
  }

  ask(engine: Engine, moved: () => void): void {
    this.#state = 'asked'
    const answered = (isAnswer: boolean, refusal?: unknown): void => {
      if (this.#state !== 'asked') return
      this.#state = isAnswer ? 'done' : 'open'
      if (isAnswer) this.refusal = refusal
      moved()
    }
    this.#ask(engine).then(
      () => answered(true),
      refusal => answered(isFinal(refusal), refusal),
    )
  }

  /** Who asked knows nothing of what became of it, and asks again. */
  forget(): void {
    if (this.#state === 'asked') this.#state = 'open'
  }
}

// After these it is not known whether it was done, or it was not done and may be asked again.
const isFinal = (refusal: unknown): boolean =>
  !(refusal instanceof PerdureError) ||
  !['NOT_ACCEPTED', 'INDETERMINATE', 'ENGINE_CLOSED', 'OVERLOADED'].includes(String(refusal.code))

/** The runs that a spec starts. */
export const startsOf = <World>(prepared: Prepared<World>, choices: Choices): Request[] =>
  prepared.starts.map(start => {
    const { workflow, id } = start
    const stream = `data/${id}`
    const data =
      'data' in start
        ? chosenValue(start.data, choices, stream)
        : dataFor(workflow, choices, stream)
    return new Request(`start ${workflow.id}`, engine => engine.start(workflow, data, { id }))
  })

/** The events and signals that come in one schedule, each with an id, so that it may be sent again. */
export function comingsOf<World>(prepared: Prepared<World>, choices: Choices): Request[] {
  const requests: Request[] = []
  for (const [at, { event, repeats = 0, optional = false }] of prepared.events.entries()) {
    const stream = `event/${at}`
    if (optional && choices.choose(stream, 2) === 1) continue
    const times = 1 + choices.choose(stream, repeats + 1)
    for (let time = 0; time < times; time++) {
      const made: MadeEvent = isArbitrary(event)
        ? generated(event, choices, `data/event/${at}`)
        : event
      const id = made.id ?? `event-${at + 1}-${time + 1}`
      const label = time === 0 ? `event ${made.name}` : `event ${made.name} again`
      requests.push(new Request(label, engine => engine.send({ ...made, id })))
    }
  }
  for (const { signal, data } of prepared.spec.signals ?? []) {
    requests.push(new Request(`signal ${signal}`, engine => engine.signal(signal, data)))
  }
  return requests
}
