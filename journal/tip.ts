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
  /** Of the rows of runs that wait for their turn, and of what runs hold and gather. */
  readonly admission: Digest
  readonly limits: Digest
  /** How many inputs were ever put into inboxes, events stored, and places in lanes given. */
  readonly counts: Counts
}

export interface Counts {
  inputs: number
  events: number
  queued: number
}

export const noCounts = (): Counts => ({ inputs: 0, events: 0, queued: 0 })
