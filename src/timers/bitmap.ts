/** A set of small numbers that finds its least member without walking over the absent ones. */
export class Bitmap {
  readonly #words: Int32Array

  /** Holds numbers from 0 up to, not including, `capacity`. */
  constructor(capacity: number) {
    this.#words = new Int32Array(Math.ceil(capacity / 32))
  }

  add(bit: number): void {
    this.#words[bit >>> 5]! |= 1 << (bit & 31)
  }

  delete(bit: number): void {
    this.#words[bit >>> 5]! &= ~(1 << (bit & 31))
  }

  has(bit: number): boolean {
    return (this.#words[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  /** The least member, or infinity when there is none. */
  least(): number {
    for (let at = 0; at < this.#words.length; at++) {
      const word = this.#words[at]!
      if (word !== 0) return at * 32 + lowestBit(word)
    }
    return Number.POSITIVE_INFINITY
  }
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word)
