import { InvalidArgumentError } from 'commander'

/** How a run is named. */
export const RUN = 'id, end of an id, @last, @failed, @running, @parked, @last:workflow'

/** Several, separated by commas. */
export const names = (text: string): readonly string[] => text.split(',').map(name => name.trim())

/** How many at most. */
export function count(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit > 0 && limit <= 1_000_000) return limit
  throw new InvalidArgumentError('Give a whole number from 1 to 1000000.')
}
