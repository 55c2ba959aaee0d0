import { hash } from 'node:crypto'
import type { Digest } from './digest.ts'

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
  /** What opening relies on, as it is after this commit. */
  readonly active: Digest
  readonly timers: Digest
}

export type CommittedRecord = readonly [run: string, seq: number, check: number]

export const chainHash = (row: Uint8Array): Buffer =>
  Buffer.from(hash('sha256', row, 'hex'), 'hex').subarray(0, 16)
