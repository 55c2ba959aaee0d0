import { hash } from 'node:crypto'
import { addKey, type Digest, dropKey } from './digest.ts'
import type { Counts } from './tip.ts'

/**
 * The row each commit writes about itself. It lists the records the commit holds, with their
 * checksums, and the hash of the commit row before it: so the rows chain all records together, and
 * a record that was lost, repeated or moved shows, wherever it was.
 */
export interface Commit {
  /** Dense, counted from 1. */
  readonly commit: number
  readonly at: number
  readonly elapsed: number
  /** First 16 bytes of the SHA-256 of the row before, as stored; empty for the first. */
  readonly prev: Uint8Array
  readonly records: readonly CommittedRecord[]
  /** Runs whose records this commit removed. */
  readonly removed?: readonly string[]
  /** Inputs that were put into inboxes, and those that were taken out. */
  readonly posted?: readonly PostedRow[]
  readonly taken?: readonly TakenRow[]
  /** Events that were stored, by key, and those that were removed. */
  readonly events?: readonly EventRow[]
  readonly forgotten?: readonly EventRow[]
  /** Ids of events that were given by their senders, by key. */
  readonly ids?: readonly GivenId[]
  /** What opening relies on, as it is after this commit. Absent: as in an empty journal. */
  readonly active: Digest
  readonly timers: Digest
  readonly waits?: Digest
  readonly inbox?: Digest
  readonly schedules?: Digest
  readonly admission?: Digest
  readonly limits?: Digest
  readonly counts?: StatedCounts
}

/** Absent of it: no place was given in any lane. */
export type StatedCounts = Omit<Counts, 'queued'> & { readonly queued?: number }

export type PostedRow = readonly [run: string, n: number, check: number]
export type TakenRow = readonly [run: string, n: number]
export type EventRow = readonly [key: string, check: number]
export type GivenId = readonly [key: string, at: number]

export type CommittedRecord = readonly [run: string, seq: number, check: number]

export const chainHash = (row: Uint8Array): Buffer =>
  Buffer.from(hash('sha256', row, 'hex'), 'hex').subarray(0, 16)

/** What stands for an event in a sum of events. */
export const eventMark = ([key, check]: EventRow): string => `${key}/${check}`

/** Adds the events that a commit stored to the sum of those there are, and takes off the removed. */
export function countEvents(sum: Digest, { events = [], forgotten = [] }: Commit): void {
  for (const row of events) addKey(sum, eventMark(row))
  for (const row of forgotten) dropKey(sum, eventMark(row))
}
