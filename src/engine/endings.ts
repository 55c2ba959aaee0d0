import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { DEPTH_MOST } from '../../journal/codec/limits.ts'
import type { Entry, RunScheduled } from '../../journal/entry.ts'
import type { EventBody } from '../../journal/event.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { cancelHandler, failureHandler, type Handled } from '../run/ending-handler.ts'
import { failedStepOf } from '../run/failed-step.ts'
import { openingOf } from '../run/opening.ts'
import type { Run } from '../run/run.ts'
import { decodeThrown } from '../run/thrown.ts'

/**
 * Whether the end of a run that this event has started is told to nobody, so that a trigger does not
 * go round for ever. Those that continue such a run are like it.
 */
export const isQuiet = (startedBy: string | undefined): boolean =>
  startedBy?.startsWith('perdure/run.') === true && startedBy !== 'perdure/run.scheduled'

/** The event that tells of the end of a run, as its entries say. */
export function endingOf(run: Run, entries: readonly Entry[], ts: number): EventBody | undefined {
  const last = entries.at(-1)
  const facts = { run: run.id, workflow: run.ledger.workflow }
  switch (last?.type) {
    case 'run.completed':
      return { ...factsOf(run, ts), data: encoded({ ...facts, output: decodeValue(last.output) }) }
    case 'run.failed':
      return { ...factsOf(run, ts), data: encoded({ ...facts, error: decodeValue(last.error) }) }
    case 'run.cancelled':
      return { ...factsOf(run, ts), data: encoded({ ...facts, reason: last.reason }) }
    default:
      return undefined
  }
}

/** The run of `onFailure` or `onCancel` that has to follow the end of a run. */
export interface Follower {
  readonly workflow: AnyWorkflow
  readonly data: Uint8Array
  readonly event: Facts
}

type Facts = NonNullable<RunScheduled['event']>

/** What handles the end of a run, if these entries end it and its workflow asks for that. */
export function followerOf(run: Run, entries: readonly Entry[], at: number): Follower | undefined {
  const { workflow, scheduled } = run
  const last = entries.at(-1)
  if (workflow === undefined || scheduled === undefined) return undefined
  if (workflow.onFailure === undefined && workflow.onCancel === undefined) return undefined
  const { event, events } = openingOf(run)
  const all = events.length > 1 ? { events } : {}
  const ended = { run: run.id, workflow: workflow.id, event, ...all }
  if (last?.type === 'run.failed') {
    const error = decodeThrown(last.error)
    const failedStep = failedStepOf(error)
    return follower(run, failureHandler(workflow), { ...ended, error, failedStep }, at)
  }
  if (last?.type === 'run.cancelled') {
    return follower(run, cancelHandler(workflow), { ...ended, reason: last.reason }, at)
  }
  return undefined
}

// It is started by the event that tells of the end, so no such event tells of its own end.
const follower = (
  run: Run,
  workflow: AnyWorkflow | undefined,
  handled: Handled,
  at: number,
): Follower | undefined => workflow && { workflow, data: encoded(handled), event: factsOf(run, at) }

const factsOf = (run: Run, ts: number): Facts => ({
  name: `perdure/run.${run.ledger.status}`,
  id: `${run.id}/${run.ledger.status}`,
  ts,
})

// A value as large as it may be, with words around it, is larger. What is larger than anything may
// be is left out: the end of a run must not fail for what is told of it.
function encoded(told: object): Uint8Array {
  try {
    return encodeValue(told, { bytes: Number.POSITIVE_INFINITY, depth: DEPTH_MOST })
  } catch {
    const short = Object.entries(told).filter(([, value]) => typeof value === 'string')
    return encodeValue(Object.fromEntries(short))
  }
}
