import type { Journal } from '../../journal/journal.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { admit, begins, holdsAfter } from '../run/admit.ts'
import type { Moment } from '../run/retry.ts'
import type { Ack, Mail, Run } from '../run/run.ts'
import { appendsOf, evolve, type Turn } from './turn.ts'

export interface LoopHost {
  readonly journal: Journal
  /** Time for a turn. */
  stamp(): Moment
  /** Gives the input to the run's code. */
  deliver(turn: Turn): void
  /** Resolves when the code has run until it rests: all its microtasks have drained. */
  rest(): Promise<void>
  /** Takes what the code asked for, and makes the record. */
  answer(turn: Turn): void
  /** Acts on a turn that is durable. */
  perform(turn: Turn): void
  /** Brings the run's code back, then wakes the run. */
  revive(run: Run): void
  failed(error: unknown): void
}

// While the records of one pass are written, the next pass has work to do.
const RUNS_A_PASS = 64

/**
 * The loop. One input reaches a run, its code answers with commands, the journal makes both durable
 * together, and only then does the engine act. One pass serves all runs that have an input.
 */
export class Loop {
  readonly #host: LoopHost
  #ready: Run[] = []
  #waiting = 0
  #serving: Promise<void> | undefined
  /** Those who wait for an input to have its turn. */
  readonly #waiters = new Set<Ack>()
  #stopped: { readonly reason: unknown } | undefined

  constructor(host: LoopHost) {
    this.#host = host
  }

  async #pass(): Promise<void> {
    const turns = this.#ready.splice(0, RUNS_A_PASS).flatMap(run => this.#open(run))
    for (const turn of turns) if (turn.live) this.#host.deliver(turn)
    await this.#host.rest()
    for (const turn of turns) if (turn.input !== undefined) this.#host.answer(turn)
    const durable = this.#host.journal.append(turns.flatMap(appendsOf))
    // The journal begins to write first: the actors follow while the disk is busy.
    await Promise.resolve()
    for (const turn of turns) evolve(turn)
    for (const turn of turns) this.#written(turn, durable)
    void this.#whenDurable(durable, turns)
  }

  // From now on it is the commit that says what becomes of the turn.
  #written({ run, record, ack }: Turn, durable: Promise<void>): void {
    if (ack !== undefined) this.#waiters.delete(ack)
    if (record !== undefined) run.durable = durable
    this.wake(run)
  }

  async #whenDurable(durable: Promise<void>, turns: readonly Turn[]): Promise<void> {
    try {
      await durable
    } catch (error) {
      for (const { ack } of turns) ack?.reject(error)
      this.#host.failed(error)
      return
    }
    try {
      for (const turn of turns) this.#perform(turn)
    } catch (error) {
      this.#host.failed(error)
    }
  }

  #perform(turn: Turn): void {
    this.#host.perform(turn)
    turn.ack?.resolve()
  }

  /** How many inputs wait for their turn. */
  get waiting(): number {
    return this.#waiting
  }

  /** Puts an input into a run's inbox. */
  send(run: Run, mail: Mail): void {
    if (this.#expect(mail)) run.inbox.push(mail)
    this.wake(run)
  }

  /** Puts an input before those that wait already. */
  sendFirst(run: Run, mail: Mail): void {
    if (this.#expect(mail)) run.inbox.unshift(mail)
    this.wake(run)
  }

  /** Puts a run in line for its turn, if an input waits for it. */
  wake(run: Run): void {
    if (this.#stopped !== undefined || run.queued || run.reviving || run.inbox.length === 0) return
    run.queued = true
    this.#ready.push(run)
    this.#serving ??= this.#serve()
  }

  /** Takes no further turn. Resolves when the pass under way is over. */
  async stop(reason: unknown): Promise<void> {
    this.#stopped ??= { reason }
    await this.#serving
    for (const ack of this.#waiters) ack.reject(reason)
    this.#waiters.clear()
  }

  #expect({ ack }: Mail): boolean {
    if (this.#stopped !== undefined) {
      ack?.reject(this.#stopped.reason)
      return false
    }
    if (ack !== undefined) this.#waiters.add(ack)
    this.#waiting++
    return true
  }

  async #serve(): Promise<void> {
    try {
      // Inputs that come at once share the first pass.
      await this.#host.rest()
      while (this.#ready.length > 0 && this.#stopped === undefined) await this.#pass()
    } catch (error) {
      this.#host.failed(error)
    } finally {
      this.#serving = undefined
    }
  }

  /** Takes the run's next input out of its inbox; none if its code has to come back first. */
  #open(run: Run): Turn[] {
    run.queued = false
    const [mail] = run.inbox
    if (mail === undefined) return []
    const input = run.gone ? undefined : admit(run.ledger, mail)
    const live = input !== undefined && !hasEnded(run) && !holdsAfter(run.ledger, input)
    if (live && run.code === undefined && !begins(run.ledger, input)) {
      this.#host.revive(run)
      return []
    }
    run.inbox.shift()
    run.underWay++
    this.#waiting--
    const { ack } = mail
    const moment = this.#host.stamp()
    return [{ run, input, moment, ack, live, record: undefined, changes: [], successor: undefined }]
  }
}

const hasEnded = ({ ledger }: Run): boolean => isFinal(ledger.status)
