import type { Input } from '../../journal/entry.ts'
import { isHeld, type Ledger } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { gatherOf } from '../../journal/open-commands.ts'
import type { OpenDeadline } from '../../journal/pending.ts'
import { dueOf } from '../../journal/pending.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Mail } from './run.ts'

/**
 * What an input amounts to for a run as it is now: itself, the same as a late answer, or nothing
 * (it was overtaken, and there is no more to record).
 */
export function admit(
  ledger: Ledger,
  { input, due }: Mail,
  workflow: AnyWorkflow | undefined,
): Input | undefined {
  const { status } = ledger
  switch (input.type) {
    case 'run.scheduled':
      return input
    case 'deadline.moved':
      return undefined
    case 'run.joined':
      return gatherOf(ledger) === undefined ? undefined : input
    case 'run.started':
      return status === 'scheduled' && ledger.seq > 0 ? input : undefined
    case 'run.paused':
      return status === 'running' ? input : undefined
    case 'run.resumed':
      return status === 'paused' ? input : undefined
    case 'run.unparked':
      return status === 'parked' ? input : undefined
    case 'run.parked':
      return status === 'parked' || isFinal(status) ? undefined : input
    case 'run.cancel_requested':
      return ledger.cancelled !== undefined || isFinal(status) ? undefined : input
    case 'code.woke':
      return status === 'running' ? input : undefined
    case 'timer.fired': {
      const open = ledger.open.get(input.of)
      if (open === undefined || dueOf(open)?.due !== due) return undefined
      return open.kind === 'deadline' ? overdue(open, workflow) : input
    }
    case 'event.received':
      return ledger.open.get(input.of)?.kind === 'wait' ? input : undefined
    case 'child.finished':
      return ledger.open.get(input.of)?.kind === 'child' ? input : undefined
    case 'step.succeeded':
      return isCurrent(ledger, input) ? input : late(input, true, input.value)
    case 'step.failed':
      return isCurrent(ledger, input) ? input : late(input, false, input.error)
    case 'step.late':
      return input
    default:
      return input satisfies never
  }
}

/** Whether the code is begun with this input: for the first time, there is nothing to replay. */
export const begins = (ledger: Ledger, { type }: Input): boolean =>
  !ledger.started &&
  (type === 'run.scheduled' ||
    type === 'run.started' ||
    type === 'run.unparked' ||
    (type === 'timer.fired' && ledger.status === 'scheduled'))

/** Whether inputs are still held back once this one is recorded. */
export function holdsAfter(ledger: Ledger, input: Input): boolean {
  // A run whose time has not come has no code that could react.
  if (ledger.status === 'scheduled' && !begins(ledger, input)) return true
  if (!isHeld(ledger)) return input.type === 'run.paused' || input.type === 'run.parked'
  const stopped = ledger.status === 'paused' || ledger.status === 'parked'
  const lifted = input.type === 'run.resumed' || input.type === 'run.unparked'
  const retried = input.type === 'timer.fired' && input.of === ledger.backoff
  if (input.type === 'run.cancel_requested') return ledger.status !== 'paused' || isBackoff(ledger)
  return (stopped && !lifted) || (isBackoff(ledger) && !retried)
}

/**
 * A run that takes too long is asked to end like any other, unless a deploy gave it longer since, or
 * as long as it likes. Where the engine does not know the workflow, what was recorded holds.
 */
function overdue({ phase, due, after }: OpenDeadline, workflow: AnyWorkflow | undefined): Input {
  const span = workflow?.flow?.timeouts?.[phase]
  if (workflow !== undefined && span === undefined) return { type: 'deadline.moved', phase }
  if (span === undefined || after === undefined || span <= after) {
    return { type: 'run.cancel_requested', reason: `it did not ${phase} in time` }
  }
  return { type: 'deadline.moved', phase, to: { due: due - after + span, after: span } }
}

const isBackoff = (ledger: Ledger): boolean => ledger.backoff !== undefined

const isCurrent = (ledger: Ledger, { of, attempt }: { of: number; attempt: number }): boolean => {
  const open = ledger.open.get(of)
  return open?.kind === 'step' && open.attempt === attempt
}

const late = (
  { of, attempt }: { of: number; attempt: number },
  ok: boolean,
  value: Uint8Array,
): Input => ({ type: 'step.late', of, attempt, ok, value })
