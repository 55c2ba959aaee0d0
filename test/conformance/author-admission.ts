import type { Entry } from '../../journal/entry.ts'
import type { Ledger } from '../../journal/ledger.ts'

const gather = { type: 'gather.set', gather: 'batch', key: 'k', mode: 'all', ts: 1 } as const
const started: Entry = { type: 'run.started' }
const slot: Entry = { type: 'slot.set', holds: ['slot of all'] }

const queue = (at: number, choice: number): Entry => ({
  ...{ type: 'queue.set', lane: `lane ${choice % 2}`, rank: choice % 3, place: at },
  ...{ limits: ['slot of all'], holds: choice % 2 === 0 ? [] : ['slot of all'], bytes: choice },
})

const toStart = (at: number): Entry => ({ type: 'deadline.set', phase: 'start', due: at + 50 })

/** What may stand behind the `run.scheduled` of a run, chosen by a number; for 0 nothing. */
export function beginning(choice: number, at: number): readonly Entry[] {
  const all: readonly (readonly Entry[])[] = [
    [],
    [{ ...gather, due: at + 20 }, toStart(at)],
    [queue(at, choice), toStart(at)],
    [slot, started],
    [{ type: 'run.skipped', reason: 'backlog' }],
    [],
  ]
  return all[choice % all.length] ?? []
}

/** Turns of a run that has not begun, beside its start. */
export function gatheringTurns({ open, seq }: Ledger, at: number): readonly (readonly Entry[])[] {
  for (const what of open.values()) {
    if (what.kind !== 'gather') continue
    const joined = { type: 'run.joined', events: [{ data: Buffer.from(`more ${seq}`) }] } as const
    const fired: Entry = { type: 'timer.fired', of: what.seq }
    return [
      [joined],
      [{ ...joined, due: at + 30 }],
      [{ ...joined, full: true }, queue(at, seq)],
      [fired, queue(at, seq)],
      [fired, slot, started],
      [fired, { type: 'run.skipped', reason: 'joined', by: 'other' }],
    ]
  }
  return []
}
