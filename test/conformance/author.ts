import type { Entry } from '../../journal/entry.ts'
import type { Append, Journal } from '../../journal/journal.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { dueOf, type Open } from '../../journal/pending.ts'
import { beginning, gatheringTurns } from './author-admission.ts'

/** Writes legal records of one run, as an engine would. */
export class Author {
  readonly ledger: Ledger

  constructor(run: string) {
    this.ledger = emptyLedger(run)
  }

  /** The record of a turn, noted in the ledger and ready to be appended. */
  turn(at: number, ...entries: readonly Entry[]): Append {
    const { ledger } = this
    const record = { run: ledger.run, seq: ledger.seq, at, elapsed: Math.floor(at / 2), entries }
    noteRecord(ledger, record)
    return { record, ledger }
  }

  begin(at: number, choice = 0): Append {
    const { run } = this.ledger
    const workflow = `of ${run}`
    const scheduled = { type: 'run.scheduled', workflow, data: bytes(run), seed: run } as const
    return this.turn(at, scheduled, ...beginning(choice, at))
  }

  /** A turn of the run that its ledger allows, chosen by a number; `undefined` if none is left. */
  next(choice: number, at: number): Append | undefined {
    const turns = turnsOf(this.ledger, at)
    const entries = turns[choice % turns.length]
    return entries === undefined ? undefined : this.turn(at, ...entries)
  }

  /** Goes on with a run that the journal holds: after a restart. */
  static async resume(journal: Journal, run: string): Promise<Author> {
    const author = new Author(run)
    const head = await journal.head(run)
    if (head === undefined) return author
    for await (const record of journal.records(head)) {
      noteRecord(author.ledger, record)
      author.ledger.link = record.check
    }
    return author
  }
}

export const bytes = (text: string): Uint8Array => Buffer.from(text)

function turnsOf(ledger: Ledger, at: number): readonly (readonly Entry[])[] {
  const { seq, status } = ledger
  const value = bytes(`value ${seq}`)
  if (seq === 0 || status === 'skipped') return []
  if (isFinal(status)) return [[{ type: 'step.late', of: 1, attempt: 0, ok: true, value }]]
  const step: Entry = { type: 'step.scheduled', id: `step ${seq}` }
  if (status === 'scheduled') {
    const starts: Entry[][] = [[{ type: 'run.started' }, step], [{ type: 'run.started' }]]
    return [...starts, ...gatheringTurns(ledger, at)]
  }
  const turns: Entry[][] = [...ledger.open.values()].flatMap(open => answersTo(open, value))
  for (const open of ledger.open.values()) {
    if (open.kind !== 'step') continue
    const { seq: of, attempt } = open
    turns.push([
      { type: 'step.failed', of, attempt, error: value, retryAt: at + (seq % 7) * 1_000 },
    ])
    turns.push([{ type: 'step.failed', of, attempt, error: value }])
  }
  if (status === 'paused') return [...turns, [{ type: 'run.resumed' }]]
  const id = `timer ${seq}`
  const listener = { key: 'k', event: 'app', program: 'true', literals: value, until: at }
  const child = { type: 'child.started', id, child: `${ledger.run}/${seq}`, workflow: 'w' } as const
  return [
    ...turns,
    [{ type: 'run.paused' }],
    [{ type: 'code.woke' }, step, { ...step, shielded: true }],
    [{ type: 'code.woke' }, { type: 'timer.set', id, clock: 'wall', due: at + seq * 100 }],
    [{ type: 'code.woke' }, { type: 'timer.set', id, clock: 'elapsed', due: at + 0.5 }, step],
    [{ type: 'code.woke' }, { type: 'wait.set', id, on: [listener] }],
    [{ type: 'code.woke' }, { type: 'wait.set', id, on: [listener], since: 5, due: at + 7 }, step],
    [{ type: 'code.woke' }, { ...child, due: at + 9 }, { ...child, shielded: true, abandon: true }],
    [{ type: 'code.woke' }, { type: 'deadline.set', phase: 'finish', due: at + 40, after: 40 }],
    [{ type: 'code.woke' }, { type: 'event.sent', id, events: [{ name: 'app', id }] }],
    [{ type: 'run.cancel_requested', reason: 'why not' }],
    [
      { type: 'run.cancel_requested', reason: '' },
      { type: 'run.cancelled', reason: '' },
    ],
    [{ type: 'code.woke' }, { type: 'run.completed', output: value }],
    [{ type: 'code.woke' }, { type: 'run.failed', error: value }],
  ]
}

function answersTo(open: Open, value: Uint8Array): Entry[][] {
  const { seq: of } = open
  const timer: Entry[][] = dueOf(open) === undefined ? [] : [[{ type: 'timer.fired', of }]]
  switch (open.kind) {
    case 'step':
      return [[{ type: 'step.succeeded', of, attempt: open.attempt, value }]]
    case 'wait': {
      const event = { name: 'app', id: 'e', ts: 1 }
      return [...timer, [{ type: 'event.received', of, key: 'k', event, data: value, storedAt: 2 }]]
    }
    case 'child':
      return [...timer, [{ type: 'child.finished', of, ok: of % 2 === 0, value }]]
    // It is never recorded that the time of one has come, but where a deploy has moved it.
    case 'deadline': {
      const { phase } = open
      const to = { due: open.due + 60, after: 100 }
      return [[{ type: 'deadline.moved', phase }], [{ type: 'deadline.moved', phase, to }]]
    }
    default:
      return timer
  }
}
