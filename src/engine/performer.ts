import type { Record } from '../../journal/entry.ts'
import { isPassive, startOf } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { type Change, dueOf } from '../../journal/pending.ts'
import { CancelledError } from '../define/error.ts'
import type { Run } from '../run/run.ts'
import type { Alarm } from '../timers/alarm.ts'
import type { AdmissionParts } from './admission-parts.ts'
import type { Attempts } from './attempts.ts'
import type { Feed } from './feed.ts'
import type { Loop } from './loop.ts'
import { type Outcomes, outcomeOf } from './outcomes.ts'
import type { Residents } from './residents.ts'
import type { Scheduler } from './scheduler.ts'
import type { Born, Turn } from './turn.ts'

export interface PerformerParts {
  readonly loop: Loop
  readonly alarm: Alarm
  readonly attempts: Attempts
  readonly outcomes: Outcomes
  readonly feed: Feed
  readonly residents: Residents
  readonly events: { readonly scheduler: Scheduler; readonly admission: AdmissionParts }
}

/** Acts on what is durable, and only on that. */
export class Performer {
  readonly #parts: PerformerParts

  constructor(parts: PerformerParts) {
    this.#parts = parts
  }

  perform(turn: Turn): void {
    const { run, record, changes } = turn
    run.underWay--
    if (record !== undefined) {
      this.#parts.feed.publish(record)
      for (const change of changes) this.#change(run, change)
      for (const born of turn.born) this.begin(born)
      this.#parts.events.admission.performed(run, record, changes)
      if (turn.enters) this.#start(run)
      this.#ended(run, record)
    }
    this.#parts.residents.release(run)
  }

  /** Puts in flight what is open: after a run's code was brought back. */
  pending(run: Run): void {
    this.#start(run)
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
    const timer = dueOf(what)
    if (timer !== undefined) alarm.arm({ run: run.id, seq: what.seq, ...timer })
    else if (what.kind === 'step' && run.ledger.status === 'running') attempts.start(run, what)
  }

  #abort(run: Run, seq: number): void {
    const { ledger } = run
    if (ledger.cancelled === undefined && !isFinal(ledger.status)) return
    run.attempts.get(seq)?.abort(new CancelledError(ledger.cancelled ?? 'the run has ended'))
  }

  // To be parked is no end, but nobody should wait for it.
  #ended(run: Run, record: Record): void {
    const outcome = outcomeOf(record.entries)
    if (outcome === undefined) return
    this.#parts.outcomes.settle(run.id, outcome)
    const { schedule } = run.ledger
    if (schedule === undefined || outcome.kind === 'parked') return
    this.#parts.events.scheduler.ended(schedule, run.id)
  }

  /** Begins a run that was scheduled, now or when its time has come. */
  begin({ run, record, changes }: Born): void {
    const { schedule } = run.ledger
    if (schedule !== undefined) this.#parts.events.scheduler.began(schedule, run.id)
    this.#parts.feed.publish(record)
    for (const change of changes) this.#change(run, change)
    this.#parts.events.admission.performed(run, record, changes)
    this.#ended(run, record)
    this.#start(run)
    this.#parts.residents.release(run)
  }

  #start(run: Run): void {
    if (run.ledger.status !== 'scheduled' || startOf(run.ledger) !== undefined) return
    this.#parts.loop.send(run, { input: STARTED })
  }
}

const STARTED = { type: 'run.started' } as const

/** Code that rests with nothing open waits for something the engine cannot see or bring back. */
export const restsOnItsOwn = (run: Run): boolean =>
  run.ledger.status === 'running' &&
  run.ledger.open.size === run.ledger.aside &&
  run.ledger.backoff === undefined &&
  run.code !== undefined &&
  !isPassive(run.ledger)
