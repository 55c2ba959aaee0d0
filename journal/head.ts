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

export function headBody(ledger: Ledger, link = ledger.link): HeadBody {
  const { workflow, status, createdAt, at, seq } = ledger
  const body: Writable = { workflow, status, createdAt, at, seq, link, passive: isPassive(ledger) }
  const { outcome, continuedAs, parkedFor, skippedFor, schedule } = ledger
  if (outcome !== undefined) body.outcome = outcome
  if (continuedAs !== undefined) body.continuedAs = continuedAs
  if (parkedFor !== undefined) body.parkedFor = parkedFor
  if (skippedFor !== undefined) body.skippedFor = skippedFor
  if (schedule !== undefined) body.schedule = schedule
  return body
}

type Writable = { -readonly [Fact in keyof HeadBody]: HeadBody[Fact] }
