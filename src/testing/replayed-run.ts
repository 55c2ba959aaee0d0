import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Divergence } from '../run/divergence.ts'

/** What became of one stored run. */
export type ReplayedRun = {
  readonly run: string
  /** Absent of a run that is damaged. */
  readonly workflow?: string
  readonly status?: RunStatus
} & Outcome

/** What the replay of a run came to, and why. */
export type Outcome =
  /** The code asks for what is recorded, and rests or ends where the run did. */
  | { readonly verdict: 'same' }
  /**
   * The code does all that is recorded, then more: an ended run would not end there any more, or code
   * that had failed, and waits for its retry, does not fail now.
   */
  | ({ readonly verdict: 'extends' } & Difference)
  /** The code does not fit the record: the run would be parked with NON_DETERMINISTIC. */
  | ({ readonly verdict: 'diverges' } & Difference)
  /** No workflow that was given has its id: it would be parked with WORKFLOW_UNKNOWN. */
  | { readonly verdict: 'unknown'; readonly hint: string }
  /** It cannot be read. */
  | { readonly verdict: 'damaged'; readonly error: unknown; readonly hint: string }
  /** The replay itself failed: it would be parked with ENGINE_DEFECT. */
  | { readonly verdict: 'defect'; readonly error: unknown; readonly hint: string }
  /** It is parked with POISON, as it killed the process: it is not replayed here. */
  | { readonly verdict: 'unchecked'; readonly hint: string }

/** The same in a word. */
export type Verdict = Outcome['verdict']

/** Where the code and the record part; and what to do about it, in words. */
export interface Difference extends Divergence {
  readonly hint: string
}
