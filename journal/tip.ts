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
}
