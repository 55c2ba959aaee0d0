import type { Choices } from './choices.ts'
import { Rng } from './rng.ts'

/** As many answers as one decision may have. */
const MOST = 2 ** 31

/**
 * A filter asks again until it is content, and nothing but 0 may not be what it wants. After so many
 * in a row, numbers are made up; they are no decisions.
 */
const MOST_ZEROS = 200
const MOST_MADE_UP = 1_000_000

/**
 * What fast-check draws its numbers from, each a decision: where 0 is chosen, the number that is
 * closest to 0. Make one for each value.
 */
export class ChosenRandom {
  readonly #choices: Choices
  readonly #stream: string
  #zeros = 0
  #madeUp: Rng | undefined

  constructor(choices: Choices, stream: string) {
    this.#choices = choices
    this.#stream = stream
  }

  clone(): ChosenRandom {
    return this
  }

  next(bits: number): number {
    return this.#below(2 ** bits)
  }

  nextBoolean(): boolean {
    return this.#below(2) === 1
  }

  nextInt(min = -(2 ** 31), max = 2 ** 31 - 1): number {
    const chosen = this.#below(max - min + 1)
    if (min > 0 || max < 0) return min + chosen
    return chosen <= max ? chosen : max - chosen
  }

  nextBigInt(min: bigint, max: bigint): bigint {
    let span = max - min + 1n
    let value = 0n
    while (span > 1n) {
      const part = span > BigInt(MOST) ? BigInt(MOST) : span
      value = value * part + BigInt(this.#below(Number(part)))
      span = (span + part - 1n) / part
    }
    value %= max - min + 1n
    if (min > 0n || max < 0n) return min + value
    return value <= max ? value : max - value
  }

  nextDouble(): number {
    return this.#below(2 ** 26) / 2 ** 26
  }

  getState(): undefined {
    return undefined
  }

  // Large ranges are drawn in two decisions.
  #below(n: number): number {
    if (n <= MOST) return this.#choose(n)
    const high = this.#choose(Math.ceil(n / MOST))
    return Math.min(n - 1, high * MOST + this.#choose(MOST))
  }

  #choose(n: number): number {
    if (this.#madeUp !== undefined) {
      if (++this.#zeros > MOST_MADE_UP) throw new Error('a filter is content with nothing')
      return this.#madeUp.below(n)
    }
    const chosen = this.#choices.choose(this.#stream, n)
    this.#zeros = chosen === 0 ? this.#zeros + 1 : 0
    if (this.#zeros === MOST_ZEROS) this.#madeUp = new Rng(this.#stream)
    return chosen
  }
}
