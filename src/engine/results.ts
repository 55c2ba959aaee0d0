import { called, noSuchRun, outOfCall, rejected } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { Door } from './door.ts'
import { type Outcome, openOutcome, outcomeOf } from './outcomes.ts'
import type { Parts } from './parts.ts'

/** What runs came to: of those that have ended from the journal, of the others when they end. */
export class Results {
  readonly #parts: Parts
  readonly #door: Door

  constructor(parts: Parts, door: Door) {
    this.#parts = parts
    this.#door = door
  }

  /** The output of a run, or its error thrown. `signal`: nobody wants to know any more. */
  of(id: string, signal?: AbortSignal): Promise<unknown> {
    return this.#outcome(id, signal).then(
      outcome =>
        outcome.kind === 'continued' ? this.#last(outcome.successor, signal) : opened(id, outcome),
      rejected,
    )
  }

  // A loop: a run may be continued without end.
  async #last(run: string, signal: AbortSignal | undefined): Promise<unknown> {
    let [id, outcome] = [run, await called(this.#outcome(run, signal))]
    while (outcome.kind === 'continued') {
      id = outcome.successor
      outcome = await called(this.#outcome(id, signal))
    }
    return opened(id, outcome)
  }

  // A run in memory tells when it ends.
  #outcome(id: string, signal: AbortSignal | undefined): Promise<Outcome> {
    const { outcomes, residents } = this.#parts
    const ledger = residents.get(id)?.ledger
    const mayEnd = ledger?.status === 'running' || ledger?.status === 'scheduled'
    const tells = mayEnd && ledger.outcome === undefined
    return tells ? outcomes.wait(id, signal) : this.#lookedUp(id, signal)
  }

  // One waits first and looks then: whichever moment the run ends at is seen by one of the two.
  async #lookedUp(id: string, signal: AbortSignal | undefined): Promise<Outcome> {
    const found = new AbortController()
    const either = signal === undefined ? found.signal : AbortSignal.any([found.signal, signal])
    const waiting = this.#parts.outcomes.wait(id, either)
    waiting.catch(() => {})
    try {
      return await ((await this.#stored(id)) ?? waiting)
    } finally {
      found.abort()
    }
  }

  /** Nothing: it goes on. */
  async #stored(id: string): Promise<Outcome | undefined> {
    const { damaged } = this.#parts
    const head = await this.#door.headOf(id)
    if (damaged.has(id)) throw damaged.get(id)
    if (head.outcome !== undefined) return this.#recorded(head, head.outcome.seq)
    return head.status === 'parked' ? this.#parking(head) : undefined
  }

  async #recorded({ run }: Head, seq: number): Promise<Outcome> {
    const outcome = outcomeOf((await this.#parts.journal.record(run, seq)).entries)
    // It is another run's entry, which was given the id since.
    if (outcome === undefined) throw noSuchRun(run)
    return outcome
  }

  // Answers may have been recorded after it: the newest parking counts.
  async #parking(head: Head): Promise<Outcome> {
    let parking: Outcome | undefined
    for await (const record of this.#parts.journal.records(head)) {
      parking = outcomeOf(record.entries) ?? parking
    }
    if (parking === undefined) throw new Error(`run ${head.run} is parked without a report`)
    return parking
  }
}

function opened(run: string, outcome: Exclude<Outcome, { kind: 'continued' }>): unknown {
  // What the run threw says where in its own code it was.
  if (outcome.kind === 'failed') return openOutcome(run, outcome)
  try {
    return openOutcome(run, outcome)
  } catch (error) {
    throw outOfCall(error)
  }
}
