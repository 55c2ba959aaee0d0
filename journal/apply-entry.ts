import { applyAdmission, applyJoined, applyMoved, applyStarted } from './apply-admission.ts'
import type { Command, Entry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import { begin, cancelOf, settle } from './open-commands.ts'

/** What an entry under a seq changes, beside the status. */
export function applyEntry(ledger: Ledger, entry: Entry, seq: number): void {
  switch (entry.type) {
    case 'run.scheduled':
      ledger.workflow = entry.workflow
      ledger.seed = entry.seed
      ledger.bytes = entry.data.length
      ledger.parents = entry.parents ?? (entry.parent === undefined ? [] : [entry.parent])
      ledger.startedBy = entry.event?.name ?? entry.startedBy
      ledger.schedule = entry.schedule
      return
    case 'event.received':
    case 'child.finished':
    case 'step.succeeded':
      settle(ledger, entry.of)
      return
    case 'step.failed': {
      const { seq, id, shielded } = settle(ledger, entry.of)
      if (entry.retryAt === undefined) return
      const [kind, clock, due] = ['step-backoff', 'elapsed', entry.retryAt] as const
      begin(ledger, { kind, seq, id, clock, due, attempt: entry.attempt + 1, shielded })
      return
    }
    case 'timer.fired':
      return fire(ledger, entry.of)
    case 'run.parked':
      ledger.parkedFor = entry.code
      return
    case 'run.unparked':
      ledger.parkedFor = undefined
      return
    case 'run.cancel_requested':
      ledger.cancelled = entry.reason
      for (const what of ledger.open.values()) if (!what.shielded) settle(ledger, what.seq)
      return
    case 'run.started':
      ledger.started = true
      return applyStarted(ledger)
    case 'run.joined':
      return applyJoined(ledger, entry)
    case 'deadline.moved':
      return applyMoved(ledger, entry)
    case 'run.paused':
    case 'run.resumed':
    case 'step.late':
    case 'code.woke':
      return
    default:
      return applyCommand(ledger, entry, seq)
  }
}

function applyCommand(ledger: Ledger, command: Command, seq: number): void {
  const shielded = 'shielded' in command && command.shielded === true
  switch (command.type) {
    case 'step.scheduled':
      return begin(ledger, { kind: 'step', seq, id: command.id, attempt: 0, shielded })
    case 'timer.set': {
      const { id, clock, due } = command
      return begin(ledger, { kind: 'sleep', seq, id, clock, due, attempt: 0, shielded })
    }
    case 'start.set': {
      const { due } = command
      return begin(ledger, {
        kind: 'start',
        seq,
        id: '',
        clock: 'wall',
        due,
        attempt: 0,
        shielded: true,
      })
    }
    case 'wait.set': {
      const { id, on, since, due } = command
      return begin(ledger, { kind: 'wait', seq, id, on, since, clock: 'elapsed', due, shielded })
    }
    case 'child.started': {
      const { id, child, due } = command
      const abandon = command.abandon === true
      return begin(ledger, {
        kind: 'child',
        seq,
        id,
        child,
        abandon,
        clock: 'elapsed',
        due,
        shielded,
      })
    }
    case 'cancel.set': {
      // Of a run that has gathered it says anew what cancels it.
      const before = cancelOf(ledger)
      if (before !== undefined) settle(ledger, before.seq)
      const { on } = command
      if (on.length > 0) begin(ledger, { kind: 'cancel', seq, id: '', on, shielded: true })
      return
    }
    case 'event.sent':
      return
    case 'code.failed': {
      ledger.codeFailures++
      if (command.retryAt === undefined) return
      const [kind, clock, due] = ['code-backoff', 'elapsed', command.retryAt] as const
      ledger.backoff = seq
      begin(ledger, { kind, seq, id: '', clock, due, attempt: command.attempt + 1, shielded })
      return
    }
    case 'run.continued':
      ledger.continuedAs = command.successor
      return
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return
    default:
      return applyAdmission(ledger, command, seq)
  }
}

function fire(ledger: Ledger, of: number): void {
  const what = settle(ledger, of)
  const { seq, id, shielded } = what
  if (what.kind === 'step-backoff')
    begin(ledger, { kind: 'step', seq, id, attempt: what.attempt, shielded })
  if (what.kind === 'code-backoff') ledger.backoff = undefined
  if (what.kind === 'gather' || what.kind === 'start') ledger.readyAt = ledger.at
}

/** The run has ended: nothing is open any more. */
export function endLedger(ledger: Ledger): void {
  for (const seq of ledger.open.keys()) settle(ledger, seq)
  ledger.backoff = undefined
  ledger.outcome = { seq: ledger.last, at: ledger.at, elapsed: ledger.elapsed }
}
