import { isPassive } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { Change } from '../../journal/pending.ts'
import { CancelledError } from '../define/error.ts'
import type { Run } from '../run/run.ts'
import type { Alarm } from '../timers/alarm.ts'
import type { Attempts } from './attempts.ts'
import type { Feed } from './feed.ts'
import type { Loop } from './loop.ts'
import { type Outcomes, outcomeOf } from './outcomes.ts'
import type { Residents } from './residents.ts'
import type { Turn } from './turn.ts'

export interface PerformerParts {
  readonly loop: Loop
  readonly alarm: Alarm
  readonly attempts: Attempts
  readonly outcomes: Outcomes
  readonly feed: Feed
  readonly residents: Residents
}

/** Acts on what is durable, and only on that. */
export class Performer {
  readonly #parts: PerformerParts

  constructor(parts: PerformerParts) {
    this.#parts = parts
  }

  perform(turn: Turn): void {
    const { run, record, successor, changes } = turn
    run.underWay--
    if (record !== undefined) {
      this.#parts.feed.publish(record)
      for (const change of changes) this.#change(run, change)
      const outcome = outcomeOf(record.entries)
      if (outcome !== undefined) this.#parts.outcomes.settle(run.id, outcome)
      if (successor !== undefined) this.#begin(successor)
    }
    this.#parts.residents.release(run)
  }

  /** Puts in flight what is open: after a run's code was brought back. */
  pending(run: Run): void {
    if (run.ledger.status === 'scheduled') this.#parts.loop.send(run, { input: STARTED })
    for (const what of run.ledger.open.values()) this.#change(run, { op: 'opened', what })
  }

  #change(run: Run, { op, what }: Change): void {
    const { alarm, attempts } = this.#parts
    if (op === 'closed') {
      if (what.kind === 'step') this.#abort(run, what.seq)
      else alarm.disarm(run.id, what.seq)
      return
    }
    // Later records of the run may have closed it again while this one was written.
    if (run.ledger.open.get(what.seq) !== what) return
    if (what.kind !== 'step') alarm.arm({ ...what, run: run.id })
    else if (run.ledger.status === 'running') attempts.start(run, what)
  }

  #abort(run: Run, seq: number): void {
    const { ledger } = run
    if (ledger.cancelled === undefined && !isFinal(ledger.status)) return
    run.attempts.get(seq)?.abort(new CancelledError(ledger.cancelled ?? 'the run has ended'))
  }

  #begin({ run, record }: NonNullable<Turn['successor']>): void {
    this.#parts.feed.publish(record)
    this.#parts.loop.send(run, { input: STARTED })
  }
}

const STARTED = { type: 'run.started' } as const

/** Code that rests with nothing open waits for something the engine cannot see or bring back. */
export const restsOnItsOwn = (run: Run): boolean =>
  run.ledger.status === 'running' &&
  run.ledger.open.size === 0 &&
  run.ledger.backoff === undefined &&
  run.code !== undefined &&
  !isPassive(run.ledger)
