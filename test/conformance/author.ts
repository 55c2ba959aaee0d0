import type { Entry } from '../../journal/entry.ts'
import type { Append, Journal } from '../../journal/journal.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'

/** Writes legal records of one run, as an engine would. */
export class Author {
  readonly ledger: Ledger

  constructor(run: string) {
    this.ledger = emptyLedger(run)
  }

  /** The record of a turn, noted in the ledger and ready to be appended. */
  turn(at: number, ...entries: readonly Entry[]): Append {
    const { ledger } = this
    const record = { run: ledger.run, seq: ledger.seq, at, elapsed: at / 2, entries }
    noteRecord(ledger, record)
    return { record, ledger }
  }

  begin(at: number): Append {
    const { run } = this.ledger
    return this.turn(at, {
      type: 'run.scheduled',
      workflow: `of ${run}`,
      data: bytes(run),
      seed: run,
    })
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
  if (seq === 0) return []
  if (isFinal(status)) return [[{ type: 'step.late', of: 1, attempt: 0, ok: true, value }]]
  const step: Entry = { type: 'step.scheduled', id: `step ${seq}` }
  if (status === 'scheduled') return [[{ type: 'run.started' }, step], [{ type: 'run.started' }]]
  const turns: Entry[][] = [...ledger.open.values()].map(open =>
    open.kind === 'step'
      ? [{ type: 'step.succeeded', of: open.seq, attempt: open.attempt, value }]
      : [{ type: 'timer.fired', of: open.seq }],
  )
  for (const { kind, seq: of, attempt } of ledger.open.values()) {
    if (kind !== 'step') continue
    turns.push([
      { type: 'step.failed', of, attempt, error: value, retryAt: at + (seq % 7) * 1_000 },
    ])
    turns.push([{ type: 'step.failed', of, attempt, error: value }])
  }
  if (status === 'paused') return [...turns, [{ type: 'run.resumed' }]]
  const id = `timer ${seq}`
  return [
    ...turns,
    [{ type: 'run.paused' }],
    [{ type: 'code.woke' }, step, { ...step, shielded: true }],
    [{ type: 'code.woke' }, { type: 'timer.set', id, clock: 'wall', due: at + seq * 100 }],
    [{ type: 'code.woke' }, { type: 'timer.set', id, clock: 'elapsed', due: at + 0.5 }, step],
    [{ type: 'run.cancel_requested', reason: 'why not' }],
    [
      { type: 'run.cancel_requested', reason: '' },
      { type: 'run.cancelled', reason: '' },
    ],
    [{ type: 'code.woke' }, { type: 'run.completed', output: value }],
    [{ type: 'code.woke' }, { type: 'run.failed', error: value }],
  ]
}
