import { InvalidArgumentError, Option } from 'commander'

const MOST = 1_000_000

/** An option whose value is a whole number from 1. */
export const countOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(text => {
    const count = Number(text)
    if (Number.isInteger(count) && count > 0 && count <= MOST) return count
    throw new InvalidArgumentError(`Give a whole number from 1 to ${MOST}.`)
  })
