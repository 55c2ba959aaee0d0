/** A set of small numbers that finds its least member without walking over the absent ones. */
export class Bitmap {
  readonly #words: Int32Array
  // A bit for each word, set when the word is not zero.
  readonly #summary: Int32Array

  /** Holds numbers from 0 up to, not including, `capacity`. */
  constructor(capacity: number) {
    this.#words = new Int32Array(Math.ceil(capacity / 32))
    this.#summary = new Int32Array(Math.ceil(this.#words.length / 32))
  }

  add(bit: number): void {
    const word = bit >>> 5
    this.#words[word]! |= 1 << (bit & 31)
    this.#summary[word >>> 5]! |= 1 << (word & 31)
  }

  delete(bit: number): void {
    const word = bit >>> 5
    this.#words[word]! &= ~(1 << (bit & 31))
    if (this.#words[word] === 0) this.#summary[word >>> 5]! &= ~(1 << (word & 31))
  }

  /** The least member, or -1 when there is none. */
  least(): number {
    for (let at = 0; at < this.#summary.length; at++) {
      const words = this.#summary[at]!
      if (words === 0) continue
      const word = at * 32 + lowestBit(words)
      return word * 32 + lowestBit(this.#words[word]!)
    }
    return -1
  }
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word)
