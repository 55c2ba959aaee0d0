import type { Source } from '../choices.ts'
import type { Rng } from '../rng.ts'
import { isFault, kindOf } from '../stream.ts'

/** Were faults as likely as the rest, every trial would spend its crashes on its first writes. */
const FAULT_RATE = 1 / 8

/** Each answer is as likely as the others; a fault strikes one time in eight. */
export const uniform =
  (rng: Rng): Source =>
  (stream, _, n) => {
    if (!isFault(kindOf(stream))) return rng.below(n)
    return rng.chance(FAULT_RATE) ? deviation(rng, n) : 0
  }

/** Numbers this large are values: of them, every other one is small, as mistakes are near 0. */
const LARGE = 2 ** 12
const SMALL = 16

/** Anything but 0. */
export const deviation = (rng: Rng, n: number): number =>
  1 + rng.below(n > LARGE && rng.chance(1 / 2) ? SMALL : n - 1)
