import { isHeld, isPassive } from '../../journal/ledger.ts'
import type { Run } from '../run/run.ts'

// A run of an unknown workflow is parked where others are replayed, begun or not.
export const needsCode = ({ ledger, workflow }: Run): boolean =>
  !isHeld(ledger) && (ledger.started || workflow === undefined)

// Code that rests without anything open awaits a promise of its own: it cannot be brought back.
export const isIdle = (run: Run): boolean =>
  isPassive(run.ledger) &&
  run.inbox.length === 0 &&
  run.attempts.size === 0 &&
  run.underWay === 0 &&
  !run.reviving
