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

/** Of what opening relies on. */
export type Digests = Pick<
  Tip,
  'active' | 'timers' | 'waits' | 'inbox' | 'schedules' | 'admission' | 'limits'
>

/** The rest of it. */
export type Epoch = Omit<Tip, keyof Digests>

export interface Counts {
  inputs: number
  events: number
  queued: number
}

export const noCounts = (): Counts => ({ inputs: 0, events: 0, queued: 0 })

// Field by field: to add some to what was spread is slow, and every commit does this.
export const tipOf = (
  { epoch, commit, chain, at, elapsed, counts }: Epoch,
  { active, timers, waits, inbox, schedules, admission, limits }: Digests,
): Tip => ({
  epoch,
  commit,
  chain,
  at,
  elapsed,
  active,
  timers,
  waits,
  inbox,
  schedules,
  admission,
  limits,
  counts,
})
