import { EngineError } from '../define/error.ts'
import type { Decision, Source } from './choices.ts'

export interface EnumerationProgress {
  /** Trials that were finished. */
  readonly trials: number
  /** How many of them ended in a state that was explored before. */
  readonly cuts: number
  /** The most decisions that one trial made. */
  readonly longest: number
  /** How much of the tree is behind us, from 0 to 1, if all its branches were alike. */
  readonly share: number
  readonly isComplete: boolean
}

/**
 * All ways to answer, depth first: `next` gives the answers for one trial, `done` says what was
 * asked in it. The last decision that has another answer gets it; those before it stay, those
 * after it begin at 0 again. Holds one path, however many there are.
 */
export class Enumeration {
  #prefix: Decision[] | undefined = []
  #trials = 0
  #cuts = 0
  #longest = 0

  /**
   * How many decisions the trial to come repeats, the last of them with its next answer. Every
   * state before that answer was met by an earlier trial: it is no reason to cut.
   */
  get repeats(): number {
    return this.#prefix?.length ?? 0
  }

  get progress(): EnumerationProgress {
    return {
      trials: this.#trials,
      cuts: this.#cuts,
      longest: this.#longest,
      share: this.#share(),
      isComplete: this.#prefix === undefined,
    }
  }

  /**
   * The answers for the next trial, or undefined if all were given. The source throws
   * NON_DETERMINISTIC if it is asked for something else than the trial before was.
   */
  next(): Source | undefined {
    const prefix = this.#prefix
    if (prefix === undefined) return undefined
    let drawn = 0
    return (stream, _, n) => {
      const at = drawn++
      const recorded = prefix[at]
      if (recorded === undefined) return 0
      if (recorded.stream !== stream || recorded.n !== n) throw differs(at, recorded, { stream, n })
      return recorded.value
    }
  }

  /**
   * The decisions of the trial. With `cutAt`, the state before the decision of that index was
   * explored before, so that it and those after it need no other answers.
   */
  done(decisions: readonly Decision[], cutAt?: number): void {
    const prefix = this.#prefix ?? []
    const short = prefix[decisions.length]
    if (short !== undefined && cutAt === undefined) throw differs(decisions.length, short)
    this.#trials++
    if (cutAt !== undefined) this.#cuts++
    this.#longest = Math.max(this.#longest, decisions.length)
    this.#prefix = following(decisions, Math.min(cutAt ?? Infinity, decisions.length))
  }

  #share(): number {
    let share = 0
    let width = 1
    for (const { n, value } of this.#prefix ?? []) {
      width /= n
      share += value * width
    }
    return this.#prefix === undefined ? 1 : share
  }
}

function following(decisions: readonly Decision[], end: number): Decision[] | undefined {
  for (let at = end - 1; at >= 0; at--) {
    const { stream, n, value } = decisions[at] as Decision
    if (value + 1 < n) return [...decisions.slice(0, at), { stream, n, value: value + 1 }]
  }
  return undefined
}

function differs(
  at: number,
  recorded: Decision,
  asked?: { stream: string; n: number },
): EngineError {
  const was = `'${recorded.stream}' of ${recorded.n}`
  const is = asked === undefined ? 'nothing more' : `'${asked.stream}' of ${asked.n}`
  return new EngineError(
    'NON_DETERMINISTIC',
    `The same answers led to another question: decision ${at} was ${was}, and now is ${is}.`,
    {
      hint: 'Look for time, chance or what an earlier trial left behind: no decision covers them.',
      facts: { at, recorded, ...(asked !== undefined && { asked }) },
    },
  )
}
