import { crc32 } from 'node:zlib'

/**
 * What is remembered of a run while a journal is verified: the size of it does not depend on how
 * many entries the run has.
 */
export interface Account {
  /** Records that commits list, and those there are. */
  readonly listed: Listing
  readonly found: Listing
  /** What the records add up to; absent: none were read. */
  sum?: RunSum
  /** The records do not add up, so nothing can be said of what is derived from them. */
  broken: boolean
  hasHead: boolean
  isIndexed: boolean
}

export interface RunSum {
  readonly seq: number
  readonly link: number
  /** `printOf` the head that belongs to the run. */
  readonly head: number
  /** When it ended, on the elapsed clock; absent: it has not. */
  readonly endedAt?: number
}

/** A sequence of records as a number: equal for equal sequences, and hardly ever otherwise. */
export interface Listing {
  count: number
  print: number
}

export type Accounts = Map<string, Account>

export function accountOf(accounts: Accounts, run: string): Account {
  const known = accounts.get(run)
  if (known !== undefined) return known
  const account: Account = {
    listed: { count: 0, print: 0 },
    found: { count: 0, print: 0 },
    broken: false,
    hasHead: false,
    isIndexed: false,
  }
  accounts.set(run, account)
  return account
}

const bytes = (): Buffer => Buffer.allocUnsafe(10)

export function extend(listing: Listing, seq: number, check: number): void {
  const place = bytes()
  place.writeUIntBE(seq, 0, 6)
  place.writeUInt32BE(check, 6)
  listing.count++
  listing.print = crc32(place, listing.print)
}

export const sameListing = (a: Listing, b: Listing): boolean =>
  a.count === b.count && a.print === b.print

/** The same for bodies that say the same, whatever the order they say it in. */
export function printOf(body: object): number {
  const facts = Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))
  return crc32(JSON.stringify(facts))
}
