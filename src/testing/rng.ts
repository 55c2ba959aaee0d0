const TWO_32 = 2 ** 32
const TWO_21 = 2 ** 21

/**
 * Numbers by chance from a seed: the same on every machine, as only 32-bit integers are computed
 * with. `split` gives a generator of its own to every name, whatever was drawn before.
 */
export class Rng {
  readonly #key: string
  #a: number
  #b: number
  #c = 0
  #count = 1

  /** A number and its text are the same seed. */
  constructor(seed: number | string) {
    const text = String(seed)
    this.#a = hash(text, 0x9e3779b9)
    this.#b = hash(text, 0x7f4a7c15)
    this.#key = `${this.#a.toString(36)}.${this.#b.toString(36)}`
    for (let round = 0; round < 12; round++) this.#next()
  }

  /** Depends on the seed and the name alone. */
  split(name: number | string): Rng {
    return new Rng(`${this.#key}/${name}`)
  }

  /** An integer from 0 up to and without `n`, which is at least 1 and a safe integer. */
  below(n: number): number {
    if (n <= TWO_21) return Math.floor((this.#next() / TWO_32) * n)
    return Math.floor(this.#fraction() * n)
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#next() / TWO_32 < probability
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0]
  }

  #fraction(): number {
    return (this.#next() + (this.#next() >>> 11) / TWO_21) / TWO_32
  }

  /** Small fast counting: three words that are mixed, and a counter against short cycles. */
  #next(): number {
    const drawn = (this.#a + this.#b + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + drawn) | 0
    return drawn >>> 0
  }
}

/** 32 bits of a text, spread by multiplication; texts that differ by one bit differ in half. */
function hash(text: string, start: number): number {
  let sum = start ^ text.length
  for (let at = 0; at < text.length; at++) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x85ebca6b)
    sum ^= sum >>> 13
  }
  sum = Math.imul(sum ^ (sum >>> 16), 0xc2b2ae35)
  return (sum ^ (sum >>> 15)) >>> 0
}
