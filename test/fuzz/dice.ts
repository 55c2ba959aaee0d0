/** Numbers from 0 up to below `n`. */
export type Dice = (n: number) => number

/** A generator of its own, so that a seed tells the input. Mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed | 0
  return n => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

export const oneOf = <Item>(items: readonly Item[], dice: Dice): Item =>
  items[dice(items.length)] as Item

export const bytesOf = (dice: Dice, most: number): Buffer =>
  Buffer.from(Array.from({ length: dice(most) }, () => dice(256)))
