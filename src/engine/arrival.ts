import type { RunScheduled } from '../../journal/entry.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { EventView } from '../router/listeners.ts'
import type { Moment } from '../run/retry.ts'

/** What is to become a run. What becomes of it is decided in the write that records it. */
export interface Arrival {
  /** Id of the run. */
  readonly id: string
  readonly workflow: AnyWorkflow
  readonly scheduled: RunScheduled
  readonly moment: Moment
  /** What conditions see of what it is started by. */
  view(): EventView
  /** By the wall clock: it begins then, not at once. */
  readonly from?: number
}
