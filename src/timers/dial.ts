// Wide digits make few levels, so a timer moves seldom: one a month ahead three times.
const DIGIT_BITS = 8
const DIGITS = 2 ** DIGIT_BITS
// A time does not fit the 32 bits of JavaScript's bit operations: three digits go into a low
// half, four into a high half, which is shifted so that times before the epoch are not negative.
const LOW_LEVELS = 3
const LOW_SPAN = 2 ** (DIGIT_BITS * LOW_LEVELS)
const HIGH_SHIFT = 2 ** 29
const LEVELS = 7

/**
 * Names the slot of a time, as seen from the time that the dial stands at.
 *
 * Whole milliseconds are written as seven digits of base 256. A later time belongs to the level of
 * the highest digit in which it differs from the dial's, and there to the slot of its own digit.
 * With base 10 and the dial at 314: 317 is level 0 slot 7, 352 level 1 slot 5, 901 level 2 slot 9.
 *
 * The higher digits agree with the dial's, so no slot ever wraps around, and counting the slots
 * level by level, digit by digit, counts them in the order of time. Times within one millisecond
 * always share a slot.
 */
export class Dial {
  static readonly slots: number = LEVELS * DIGITS
  /** The slots below this one, level 0, are one millisecond wide. */
  static readonly fine: number = DIGITS

  #high = 0
  #low = 0

  constructor(time: number) {
    this.turnTo(time)
  }

  turnTo(time: number): void {
    const whole = Math.floor(time)
    this.#high = highOf(whole)
    this.#low = lowOf(whole, this.#high)
  }

  /** Expects a time not before the millisecond that the dial stands at. */
  slotOf(time: number): number {
    const whole = Math.floor(time)
    const high = highOf(whole)
    if (high !== this.#high) {
      const level = levelOf(high ^ this.#high)
      return (LOW_LEVELS + level) * DIGITS + digitOf(high, level)
    }
    const low = lowOf(whole, high)
    const level = levelOf(low ^ this.#low)
    return level * DIGITS + digitOf(low, level)
  }
}

const highOf = (whole: number): number => Math.floor(whole / LOW_SPAN) + HIGH_SHIFT
const lowOf = (whole: number, high: number): number => whole - (high - HIGH_SHIFT) * LOW_SPAN
// `| 1` lets equal halves count as level 0.
const levelOf = (difference: number): number =>
  Math.trunc((31 - Math.clz32(difference | 1)) / DIGIT_BITS)
const digitOf = (half: number, level: number): number =>
  (half >>> (level * DIGIT_BITS)) & (DIGITS - 1)
