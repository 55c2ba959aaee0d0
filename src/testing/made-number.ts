export interface NumberShape {
  readonly type?: string | readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
}

const MOST_NUMBERS = 1_000
const FRACTIONS = 7

/** A number that fits: from 0 on, if that is allowed, as nobody writes tests with the least of all. */
export function madeNumber(shape: NumberShape, choose: (n: number) => number): number {
  const step = shape.multipleOf ?? 1
  const least = Math.max(shape.minimum ?? -Infinity, shape.exclusiveMinimum ?? -Infinity)
  const most = Math.min(shape.maximum ?? Infinity, shape.exclusiveMaximum ?? Infinity)
  const isIn = (number: number): boolean =>
    number >= least &&
    number <= most &&
    number !== shape.exclusiveMinimum &&
    number !== shape.exclusiveMaximum
  // As multiples of the step, from the one that is closest to 0.
  const [low, high] = [Math.ceil(least / step), Math.floor(most / step)]
  const close = low > 0 ? low : Math.min(high, 0)
  const direction = close === high ? -1 : 1
  const at = (index: number): number => rounded((close + direction * index) * step)
  const first = isIn(at(0)) ? 0 : 1
  if (!isIn(at(first))) return fraction(least, most, choose)
  const count = Math.min(MOST_NUMBERS, direction > 0 ? high - close : close - low) + 1
  const last = isIn(at(count - 1)) ? count : count - 1
  return at(first + choose(Math.max(1, last - first)))
}

// Decimal steps have no exact multiples.
const rounded = (number: number): number => Number(number.toPrecision(15))

const fraction = (least: number, most: number, choose: (n: number) => number): number =>
  least + ((most - least) * (choose(FRACTIONS) + 1)) / (FRACTIONS + 1)
