import { chunks, fewerStreams, lowerValues, type Pass, pairs } from './shrink-passes.ts'
import { normalTape, type Tape } from './tape.ts'

/** A trial that failed: what was decided in it, and what came of it. */
export interface Failure<Result> {
  /** What was really drawn; it may be less than was asked for. */
  readonly tape: Tape
  readonly result: Result
}

export interface ShrinkOptions<Result> {
  readonly tape: Tape
  /** Runs a trial. Resolves to undefined if it does not fail, or fails in another way. */
  fails(tape: Tape): Promise<Failure<Result> | undefined>
  /**
   * What makes a failure hard to read, the worst first, e.g. lines of its story. Compared number by
   * number, before the size of the tape is.
   */
  cost(result: Result): readonly number[]
  /** The most trials. */
  readonly budget: number
  /** Whether time is up; asked before every trial. */
  isOver(): boolean
}

export interface Shrunk<Result> extends Failure<Result> {
  readonly trials: number
  /** Nothing smaller was found that fails, and all was tried. False if budget or time was short. */
  readonly isMinimal: boolean
}

/** The cheap ones first: each leaves less for the next. */
const PASSES: readonly Pass[] = [fewerStreams, chunks, lowerValues, pairs]

/**
 * The smallest failure that is found by taking decisions away from one. The same for the same
 * options. Resolves to undefined if the tape itself does not fail.
 */
export async function shrink<Result>(
  options: ShrinkOptions<Result>,
): Promise<Shrunk<Result> | undefined> {
  const first = await options.fails(options.tape)
  if (first === undefined) return undefined
  const search = new Search(options, first)
  let before: Tape
  do {
    before = search.smallest.tape
    for (const pass of PASSES) await search.run(pass)
  } while (search.smallest.tape !== before)
  return { ...search.smallest, trials: search.trials, isMinimal: !search.isCutShort }
}

class Search<Result> {
  smallest: Failure<Result>
  trials = 1
  isCutShort = false
  readonly #options: ShrinkOptions<Result>
  readonly #tried = new Set<string>()
  #size: readonly number[]

  constructor(options: ShrinkOptions<Result>, first: Failure<Result>) {
    this.#options = options
    this.smallest = { tape: normalTape(first.tape), result: first.result }
    this.#size = this.#sizeOf(this.smallest)
    this.#tried.add(keyOf(normalTape(options.tape))).add(keyOf(this.smallest.tape))
  }

  async run(pass: Pass): Promise<void> {
    const candidates = pass(this.smallest.tape)
    let step = candidates.next()
    while (step.done !== true && !this.isCutShort) {
      await this.#attempt(normalTape(step.value))
      step = candidates.next(this.smallest.tape)
    }
  }

  async #attempt(tape: Tape): Promise<void> {
    const key = keyOf(tape)
    if (this.#tried.has(key)) return
    if (this.trials >= this.#options.budget || this.#options.isOver()) {
      this.isCutShort = true
      return
    }
    this.#tried.add(key)
    this.trials++
    const failure = await this.#options.fails(tape)
    if (failure === undefined) return
    const found = { tape: normalTape(failure.tape), result: failure.result }
    const size = this.#sizeOf(found)
    if (compare(size, this.#size) >= 0) return
    this.#tried.add(keyOf(found.tape))
    this.smallest = found
    this.#size = size
  }

  #sizeOf({ tape, result }: Failure<Result>): readonly number[] {
    return [...this.#options.cost(result), ...tapeSize(tape)]
  }
}

/** How many decisions, then how large they are: every pass makes these smaller or nothing. */
function tapeSize(tape: Tape): readonly number[] {
  const values = [...tape.values()].flat()
  return [values.length, values.reduce((sum, value) => sum + value, 0)]
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function keyOf(tape: Tape): string {
  return JSON.stringify([...tape].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
