import type { AdmissionCommand, DeadlineMoved, RunJoined } from './admission-entry.ts'
import type { Ledger } from './ledger.ts'
import { begin, gatherOf, settle } from './open-commands.ts'

/** What the engine asks for before the code begins. */
export function applyAdmission(ledger: Ledger, command: AdmissionCommand, seq: number): void {
  switch (command.type) {
    case 'gather.set': {
      const { gather, key, mode, due, until, ts } = command
      const how = { gather, key, mode, clock: 'elapsed', due, until, ts } as const
      // What it was scheduled for is the first of it.
      const first = { count: 1, bytes: ledger.bytes }
      return begin(ledger, { kind: 'gather', seq, id: '', ...how, ...first, shielded: true })
    }
    case 'slot.set':
      return begin(ledger, { kind: 'slot', seq, id: '', holds: command.holds, shielded: true })
    case 'queue.set': {
      const { type: _, ...what } = command
      return begin(ledger, { kind: 'queue', seq, id: '', ...what, shielded: true })
    }
    case 'deadline.set': {
      const { phase, due, after } = command
      const what = { phase, clock: 'elapsed', due, after } as const
      return begin(ledger, { kind: 'deadline', seq, id: '', ...what, shielded: false })
    }
    case 'run.skipped':
      ledger.skippedFor = command.reason
      // Who asks what came of it is told what came of the run that it is part of.
      if (command.reason === 'joined') ledger.continuedAs = command.by
      return
    default:
      command satisfies never
  }
}

/** A full one is not begun again: nothing is in the way of the run's entry any more. */
export function applyJoined(ledger: Ledger, { events, due, full }: RunJoined): void {
  const gather = gatherOf(ledger)
  if (gather === undefined) throw new Error(`nothing is gathered in run ${ledger.run}`)
  settle(ledger, gather.seq)
  const parents = events.flatMap(({ parent }) => parent ?? [])
  if (parents.length > 0) ledger.parents = [...ledger.parents, ...parents]
  if (full) {
    ledger.readyAt = ledger.at
    return
  }
  begin(ledger, {
    ...gather,
    due: due ?? gather.due,
    ts: events.reduce((newest, { event }) => Math.max(newest, event?.ts ?? newest), gather.ts),
    count: gather.count + events.length,
    bytes: events.reduce((sum, { data }) => sum + data.length, gather.bytes),
  })
}

/** Under the same seq, as it is the same deadline. */
export function applyMoved(ledger: Ledger, { phase, to }: DeadlineMoved): void {
  for (const what of [...ledger.open.values()]) {
    if (what.kind !== 'deadline' || what.phase !== phase) continue
    settle(ledger, what.seq)
    if (to !== undefined) begin(ledger, { ...what, ...to })
  }
}

/** What the run waited for to begin turns into what it holds. */
export function applyStarted(ledger: Ledger): void {
  for (const what of [...ledger.open.values()]) {
    const { seq } = what
    if (what.kind === 'deadline' && what.phase === 'start') settle(ledger, seq)
    if (what.kind !== 'queue') continue
    settle(ledger, seq)
    const { holds } = what
    if (holds.length > 0) begin(ledger, { kind: 'slot', seq, id: '', holds, shielded: true })
  }
}
