import type { ChildFinished, ChildStarted, Record } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { EngineError } from '../define/error.ts'
import type { Moment } from '../run/retry.ts'
import { Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'
import { outcomeFor } from './kinship.ts'
import type { Parts } from './parts.ts'

/** What becomes of a child that a failed run had not heard of, or failed with, when it is retried. */
export interface ChildAgain {
  /** The place of its start among the entries of the new run. */
  readonly seq: number
  /** It has completed: that is told to the new run. */
  readonly finished?: ChildFinished
  /** It has not: another is started in its place. */
  readonly entry?: ChildStarted
  readonly arrival?: Arrival
}

/**
 * The children that are open in what a new run takes over. They know the failed run as their parent,
 * so nobody else would tell the new one of them. Throws RUN_STATUS if one has not ended: to start
 * another beside it might do twice what it does.
 */
export async function childrenAgain(
  failed: string,
  carried: readonly Record[],
  moment: Moment,
  parts: Parts,
): Promise<ChildAgain[]> {
  const run = carried[0]?.run ?? ''
  const scratch = new Run(run, undefined)
  for (const record of carried) scratch.note(record)
  const children: ChildAgain[] = []
  for (const { seq, at, entry } of starts(carried)) {
    if (scratch.ledger.open.get(seq)?.kind !== 'child') continue
    const outcome = await outcomeOf(failed, entry.child, parts)
    children.push(
      outcome.ok
        ? { seq, finished: { type: 'child.finished', of: seq, ...outcome } }
        : {
            seq,
            ...(await another({ ...entry }, { run, seq }, moment.elapsed - at, moment, parts)),
          },
    )
  }
  return children
}

function* starts(records: readonly Record[]) {
  for (const { seq, elapsed, entries } of records) {
    for (const [place, entry] of entries.entries()) {
      if (entry.type === 'child.started') yield { seq: seq + place, at: elapsed, entry }
    }
  }
}

async function outcomeOf(failed: string, child: string, { journal, settings }: Parts) {
  const head = await lastOf(child, journal)
  if (head === undefined || !isFinal(head.status) || head.outcome === undefined) {
    throw childIsActive(failed, head?.run ?? child, head?.status)
  }
  const { entries } = await journal.record(head.run, head.outcome.seq)
  const outcome = outcomeFor(head.run, entries, { bytes: settings.limits.valueBytes })
  if (outcome === undefined) throw childIsActive(failed, head.run, head.status)
  return outcome
}

/** The last of the runs that continue a child. */
async function lastOf(child: string, journal: Journal): Promise<Head | undefined> {
  let head = await journal.head(child)
  while (head?.continuedAs !== undefined) head = await journal.head(head.continuedAs)
  return head
}

// It is given as much time as the first one was.
async function another(
  { due, ...start }: ChildStarted,
  parent: { readonly run: string; readonly seq: number },
  later: number,
  moment: Moment,
  parts: Parts,
): Promise<{ entry: ChildStarted; arrival: Arrival }> {
  const [first] = (await parts.journal.record(start.child, 0)).entries
  if (first?.type !== 'run.scheduled') throw new Error(`run ${start.child} does not begin`)
  const id = parts.newRunId()
  const { workflow, data } = first
  const seed = parts.seedOf(id)
  const scheduled = { type: 'run.scheduled', workflow, data, seed, parent } as const
  const known = parts.settings.workflows.get(workflow)
  if (known === undefined) throw unknownChild(parent.run, workflow)
  return {
    entry: { ...start, child: id, ...(due !== undefined && { due: due + later }) },
    arrival: parts.events.origins.of(id, known, scheduled, moment),
  }
}

const unknownChild = (run: string, workflow: string): EngineError =>
  new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${workflow}'.`, {
    hint: 'Run it has to start a child of it anew: add it where openEngine() is called.',
    facts: { run, workflow },
  })

const childIsActive = (run: string, child: string, status = 'removed'): EngineError =>
  new EngineError('RUN_STATUS', `Run ${run} waits for its child ${child}, which is ${status}.`, {
    hint: 'Let the child end, or cancel it; then retry. Or retry from a step before the child.',
    facts: { run, child, status },
  })
