import type { Head } from '../../journal/head.ts'
import { isFinal, type RunStatus } from '../../journal/lifecycle.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Door } from './door.ts'
import type { Parts } from './parts.ts'

/** Which runs are meant: those that fit all that is given. */
export interface RunsFilter {
  readonly status?: RunStatus | readonly RunStatus[]
  readonly workflow?: string | AnyWorkflow
}

/** What `runs()` yields: the journal's short account of a run. */
export type RunSummary = Pick<Head, 'workflow' | 'status' | 'createdAt' | 'at'> & {
  readonly id: string
  /** How many entries it has. */
  readonly entries: number
}

/** Runs in order of their ids, those that have not ended first. */
export async function* listing(
  { journal }: Parts,
  door: Door,
  filter: RunsFilter,
): AsyncGenerator<RunSummary> {
  door.mustBeOpen()
  const statuses = filter.status === undefined ? undefined : [filter.status].flat()
  const { workflow } = filter
  const name = typeof workflow === 'object' ? workflow.id : workflow
  const wanted = (status: RunStatus): boolean => statuses?.includes(status) ?? true
  for (const which of ['active', 'ended'] as const) {
    if (statuses?.every(status => isFinal(status) !== (which === 'ended'))) continue
    for await (const stored of journal.heads(which)) {
      const head = door.seen(stored)
      if (wanted(head.status) && (name ?? head.workflow) === head.workflow) yield summary(head)
    }
  }
}

const summary = ({ run, workflow, status, createdAt, at, seq }: Head): RunSummary => ({
  id: run,
  workflow,
  status,
  createdAt,
  at,
  entries: seq,
})
