import { isHeld, isPassive, type Ledger, startOf } from '../../journal/ledger.ts'
import { dueOf } from '../../journal/pending.ts'
import type { Instant } from '../run/retry.ts'
import type { Run } from '../run/run.ts'

// A run of an unknown workflow is parked where others are replayed, begun or not, unless it waits for
// its turn: it may wait for that workflow as well.
export const needsCode = ({ ledger, workflow }: Run): boolean =>
  !isHeld(ledger) && (ledger.started || (workflow === undefined && !waitsItsTurn(ledger)))

function waitsItsTurn(ledger: Ledger): boolean {
  const kind = startOf(ledger)?.kind
  return kind === 'gather' || kind === 'queue'
}

// Code that rests without anything open awaits a promise of its own: it cannot be brought back.
export const isIdle = (run: Run): boolean =>
  isPassive(run.ledger) &&
  run.inbox.length === 0 &&
  run.attempts.size === 0 &&
  run.underWay === 0 &&
  !run.reviving

/** A run that wakes this soon is kept in memory. */
const SOON = 5_000

/** Whether something may happen to a run that waits before long. */
export function wakesSoon({ ledger }: Run, now: Instant): boolean {
  for (const open of ledger.open.values()) {
    // When an event comes cannot be told.
    if (open.kind === 'wait' || open.kind === 'child') return true
    const timer = dueOf(open)
    if (timer !== undefined && timer.due - now[timer.clock] < SOON) return true
  }
  return false
}
