import type { Choices } from './choices.ts'

/** As many answers as one decision may have. */
const MOST = 2 ** 31

/** What fast-check draws its numbers from, each a decision: where 0 is chosen, the least number. */
export class ChosenRandom {
  readonly #choices: Choices
  readonly #stream: string

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
    return min + this.#below(max - min + 1)
  }

  nextBigInt(min: bigint, max: bigint): bigint {
    let span = max - min + 1n
    let value = 0n
    while (span > 1n) {
      const part = span > BigInt(MOST) ? BigInt(MOST) : span
      value = value * part + BigInt(this.#below(Number(part)))
      span = (span + part - 1n) / part
    }
    return min + (value % (max - min + 1n))
  }

  nextDouble(): number {
    return this.#below(2 ** 26) / 2 ** 26
  }

  getState(): undefined {
    return undefined
  }

  // Large ranges are drawn in two decisions.
  #below(n: number): number {
    if (n <= MOST) return this.#choices.choose(this.#stream, n)
    const high = this.#choices.choose(this.#stream, Math.ceil(n / MOST))
    return Math.min(n - 1, high * MOST + this.#choices.choose(this.#stream, MOST))
  }
}
