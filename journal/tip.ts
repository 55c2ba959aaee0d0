import type { Digest } from './digest.ts'

/** How far a journal has got. */
export interface Tip {
  readonly epoch: number
  /** The newest commit; 0 before the first. */
  readonly commit: number
  /** Hash of its row. */
  readonly chain: Buffer
  readonly at: number
  readonly elapsed: number
  /** Of the rows of runs that have not ended, and of open timers, with all that is on its way. */
  readonly active: Digest
  readonly timers: Digest
  readonly waits: Digest
  readonly inbox: Digest
  readonly schedules: Digest
  /** How many inputs were ever put into inboxes, and how many events were stored. */
  readonly counts: Counts
}

export interface Counts {
  inputs: number
  events: number
}
