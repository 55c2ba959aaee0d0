import type { SkipReason } from './admission-entry.ts'
import type { Ending, Ledger } from './ledger.ts'
import { isPassive } from './ledger.ts'
import type { RunStatus } from './lifecycle.ts'

/** What the journal knows of a run without reading its records. */
export interface Head {
  readonly run: string
  readonly workflow: string
  readonly status: RunStatus
  readonly createdAt: number
  readonly at: number
  /** Number of entries. */
  readonly seq: number
  readonly outcome?: Ending
  /** Checksum of the newest record: the end of the run's chain. */
  readonly link: number
  /** Nothing can happen to it before a timer fires or somebody asks for it. */
  readonly passive: boolean
  readonly continuedAs?: string
  readonly parkedFor?: string
  readonly skippedFor?: SkipReason
  /** The schedule it is a run of. */
  readonly schedule?: string
}

/** The stored form leaves out the run, which is in the key. */
export type HeadBody = Omit<Head, 'run'>

export const headBody = (ledger: Ledger, link = ledger.link): HeadBody => ({
  workflow: ledger.workflow,
  status: ledger.status,
  createdAt: ledger.createdAt,
  at: ledger.at,
  seq: ledger.seq,
  link,
  passive: isPassive(ledger),
  ...(ledger.outcome !== undefined && { outcome: ledger.outcome }),
  ...(ledger.continuedAs !== undefined && { continuedAs: ledger.continuedAs }),
  ...(ledger.parkedFor !== undefined && { parkedFor: ledger.parkedFor }),
  ...(ledger.skippedFor !== undefined && { skippedFor: ledger.skippedFor }),
  ...(ledger.schedule !== undefined && { schedule: ledger.schedule }),
})
