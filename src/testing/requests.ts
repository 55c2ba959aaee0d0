import { PerdureError } from '../../journal/error.ts'
import type { MadeEvent } from '../define/event.ts'
import { SIGNAL_EVENT } from '../define/event-name.ts'
import type { Engine } from '../engine/engine.ts'
import { isArbitrary } from './arbitrary.ts'
import type { Choices } from './choices.ts'
import { chosenValue, dataFor, generated } from './inputs.ts'
import type { Prepared } from './prepared.ts'
import type { Coming } from './spec.ts'

/** Something that is asked of the engine from outside, again and again until it is acknowledged. */
export class Request {
  /** What one reads in the story. */
  readonly label: string
  /** Of the run or event, as it is recorded; a signal is an event. */
  readonly id: string
  readonly #ask: (engine: Engine) => Promise<unknown>
  #state: 'open' | 'asked' | 'done' = 'open'
  /** It was refused for good. */
  refusal: unknown

  constructor(label: string, id: string, ask: (engine: Engine) => Promise<unknown>) {
    this.label = label
    this.id = id
    this.#ask = ask
  }

  /** Tells it from others that read the same. */
  get mover(): string {
    return `${this.label} #${this.id}`
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

/** What is refused for good, the spec should not have asked for. Throws the refusal. */
export function mustBePossible(requests: readonly Request[]): void {
  for (const { refusal } of requests) if (refusal !== undefined) throw refusal
}

/** The runs that a spec starts. */
export const startsOf = <World>(prepared: Prepared<World>, choices: Choices): Request[] =>
  prepared.starts.map(start => {
    const { workflow, id } = start
    const stream = `data/${id}`
    const data =
      'data' in start
        ? chosenValue(start.data, choices, stream)
        : dataFor(workflow, choices, stream)
    return new Request(`start ${workflow.id}`, id, engine => engine.start(workflow, data, { id }))
  })

/** The events and signals that come in one schedule, each with an id, so that it may be sent again. */
export const comingsOf = <World>(prepared: Prepared<World>, choices: Choices): Request[] => [
  ...prepared.events.flatMap((coming, at) =>
    timesOf(coming, choices, `event/${at}`).map(time => {
      const { event } = coming
      const made: MadeEvent = isArbitrary(event)
        ? generated(event, choices, `data/event/${at}`)
        : event
      const id = idOf(made.id, time) ?? `event-${at + 1}-${time}`
      return new Request(labelOf('event', made.name, time), id, engine =>
        engine.send({ ...made, id }),
      )
    }),
  ),
  ...prepared.signals.flatMap((coming, at) =>
    timesOf(coming, choices, `event/signal/${at}`).map(time => {
      const { signal, data } = coming
      const made = chosenValue(data, choices, `data/signal/${at}`)
      const id = `signal-${at + 1}-${time}`
      return new Request(labelOf('signal', signal, time), `${SIGNAL_EVENT}/${id}`, engine =>
        engine.signal(signal, made, { id }),
      )
    }),
  ),
]

/** The first time that it comes, the second, ...; none, if it may not come and does not. */
function timesOf(
  { repeats = 0, optional = false }: Pick<Coming, 'repeats' | 'optional'>,
  choices: Choices,
  stream: string,
): number[] {
  if (optional && choices.choose(stream, 2) === 1) return []
  return Array.from({ length: 1 + choices.choose(stream, repeats + 1) }, (_, at) => at + 1)
}

const labelOf = (what: 'event' | 'signal', name: string, time: number): string =>
  time === 1 ? `${what} ${name}` : `${what} ${name} again`

// With the same id it would not be another event, but the same one, sent again.
const idOf = (given: string | undefined, time: number): string | undefined =>
  given === undefined || time === 1 ? given : `${given}-${time}`
