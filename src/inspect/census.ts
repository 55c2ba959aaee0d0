import type { Head } from '../../journal/head.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'

/** How many runs there are, and of what kind. */
export interface Census {
  readonly workflows: readonly WorkflowCensus[]
  /** Open timers, waits and cancellations, and inputs that wait in inboxes. */
  readonly timers: number
  readonly waits: number
  readonly inputs: number
  /** Runs that wait for their turn or gather, and places that runs hold. */
  readonly admission: number
}

export interface WorkflowCensus {
  readonly workflow: string
  readonly status: { readonly [Status in RunStatus]?: number }
  readonly entries: number
  /** Entries of the run that has most, and its id. */
  readonly longest: { readonly run: string; readonly entries: number }
  /** How long runs took that completed, from when they were scheduled, in ms; up to 1,000 of them. */
  readonly took: readonly number[]
}

const SAMPLE = 1_000

/** Counts heads, in constant memory for each workflow. */
export class HeadCount {
  readonly #workflows = new Map<string, Counted>()

  add({ run, workflow, status, seq, createdAt, outcome }: Head): void {
    let counted = this.#workflows.get(workflow)
    if (counted === undefined) {
      counted = { status: {}, entries: 0, longest: { run, entries: 0 }, took: [], ended: 0 }
      this.#workflows.set(workflow, counted)
    }
    counted.status[status] = (counted.status[status] ?? 0) + 1
    counted.entries += seq
    if (seq > counted.longest.entries) counted.longest = { run, entries: seq }
    if (status === 'completed' && outcome !== undefined) take(counted, outcome.at - createdAt)
  }

  workflows(): readonly WorkflowCensus[] {
    return [...this.#workflows]
      .map(([workflow, { ended: _, ...counted }]) => ({ workflow, ...counted }))
      .sort((a, b) => (a.workflow < b.workflow ? -1 : 1))
  }
}

interface Counted {
  readonly status: { [Status in RunStatus]?: number }
  entries: number
  longest: { run: string; entries: number }
  readonly took: number[]
  ended: number
}

/** Every n-th, spread over all that come: n doubles whenever there are too many. */
function take(counted: Counted, ms: number): void {
  const { took } = counted
  const every = 2 ** Math.max(0, Math.ceil(Math.log2((counted.ended + 1) / SAMPLE)))
  if (counted.ended++ % every !== 0) return
  if (took.length === SAMPLE) for (let at = 1; at < took.length; at++) took.splice(at, 1)
  took.push(Math.max(0, ms))
}
