/** Chance from a seed: the same words give the same throws, in every process. */
export class Dice {
  #state: number

  constructor(...words: readonly (string | number)[]) {
    this.#state = fold(words.join('/'))
  }

  /** A whole number from `from` up to and including `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#throw() * (to - from + 1))
  }

  /** True this often, from 0 to 1. */
  chance(share: number): boolean {
    return this.#throw() < share
  }

  oneOf<Thing>(things: readonly Thing[]): Thing {
    const thing = things[this.between(0, things.length - 1)]
    if (thing === undefined) throw new Error('nothing to choose from')
    return thing
  }

  // mulberry32: small, and good enough to spread kills about.
  #throw(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// FNV-1a, which tells seeds apart that differ in one letter.
function fold(text: string): number {
  let folded = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    folded = Math.imul(folded ^ text.charCodeAt(at), 0x01000193)
  }
  return folded
}
