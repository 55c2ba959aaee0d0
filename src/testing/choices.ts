import { EngineError } from '../define/error.ts'
import { normalTape, type Tape } from './tape.ts'

/** Whoever has something to decide asks here; 0 is always the boring answer. */
export interface Choices {
  /**
   * An integer from 0 up to and without `n`. What leaves no choice (`n` of 1) is 0 and not recorded.
   * `labels` name the n answers; in the stream `schedule` they name who moves, the same every time.
   */
  choose(stream: string, n: number, labels?: readonly string[]): number
}

/** What was chosen, in the order drawn. */
export interface Decision {
  readonly stream: string
  readonly n: number
  readonly value: number
}

/**
 * Where a number comes from. `at` is how many were drawn from that stream before. Any number will
 * do: it is taken modulo n, and what is no integer from 0 on counts as 0.
 */
export type Source = (stream: string, at: number, n: number, labels?: readonly string[]) => number

/** Takes decisions from a source and keeps them. */
export class Recorder implements Choices {
  readonly decisions: Decision[] = []
  readonly #source: Source
  readonly #streams = new Map<string, number[]>()

  constructor(source: Source) {
    this.#source = source
  }

  /** Throws DEFINITION_INVALID if there is nothing to choose from. */
  choose(stream: string, n: number, labels?: readonly string[]): number {
    if (n === 1) return 0
    if (!Number.isSafeInteger(n) || n < 1) throw noChoice(stream, n)
    let values = this.#streams.get(stream)
    if (values === undefined) {
      values = []
      this.#streams.set(stream, values)
    }
    const value = within(this.#source(stream, values.length, n, labels), n)
    values.push(value)
    this.decisions.push({ stream, n, value })
    return value
  }

  /** What was decided so far; replayed, it gives the same values again. */
  tape(): Tape {
    return normalTape(this.#streams)
  }
}

/** Reads a tape; beyond its end everything is 0. */
export const tapeSource =
  (tape: Tape): Source =>
  (stream, at) =>
    tape.get(stream)?.[at] ?? 0

/** The answer that a number stands for, of so many. */
export const within = (value: number, n: number): number =>
  Number.isSafeInteger(value) && value > 0 ? value % n : 0

const noChoice = (stream: string, n: number): EngineError =>
  new EngineError('DEFINITION_INVALID', `There is nothing to choose from in '${stream}'.`, {
    hint: 'The number of answers is an integer, and at least 1.',
    facts: { stream, n },
  })
