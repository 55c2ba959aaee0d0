import type { Duration } from './duration.ts'
import type { Workflow } from './workflow.ts'

/** What `invoke` starts as a child, and with what. */
export type InvokeOptions<Data, Output> = {
  readonly workflow: Workflow<Data, Output>
  /** How long to wait for the child at most. Default: as long as it takes. */
  readonly timeout?: Duration
  /**
   * Lets the child go on when this run is cancelled. Default false: it is cancelled too, unless its
   * workflow gathers (`batchEvents`, `debounce`): then its run may be that of others as well.
   */
  readonly abandon?: boolean
} & (undefined extends Data ? { readonly data?: NoInfer<Data> } : { readonly data: NoInfer<Data> })
