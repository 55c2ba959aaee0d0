import type { Input } from '../../journal/entry.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { admit, begins, holdsAfter } from '../run/admit.ts'
import type { Ack, Mail, Run } from '../run/run.ts'
import type { LoopHost } from './loop-host.ts'
import type { Refusal } from './refusal.ts'
import { evolve, opened, type Turn } from './turn.ts'

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
  #stopped: Refusal | undefined

  constructor(host: LoopHost) {
    this.#host = host
  }

  async #pass(): Promise<void> {
    this.#host.holdTime()
    const open = this.#ready.splice(0, RUNS_A_PASS).flatMap(run => this.#open(run) ?? [])
    const turns = open.filter(turn => !turn.live || this.#deliver(turn))
    await this.#host.rest()
    for (const turn of turns) if (turn.input !== undefined && !turn.enters) this.#host.answer(turn)
    const looking = this.#host.lookBack(turns)
    if (looking !== undefined) (await looking)()
    const durable = this.#host.write(turns)
    this.#host.releaseTime()
    for (const turn of turns) this.#written(turn, durable)
    // The journal begins to write first: the actors follow while the disk is busy.
    await NOTHING
    try {
      for (const turn of turns) evolve(turn)
    } finally {
      this.#whenDurable(durable, turns)
    }
    for (const { run } of turns) this.wake(run)
  }

  /** Returns whether the turn goes on. If not, its input comes after that the run is parked. */
  #deliver(turn: Turn): boolean {
    const { run, mail } = turn
    try {
      this.#host.deliver(turn)
      return true
    } catch (error) {
      run.code = undefined
      // What is not in the journal cannot be parked: its first record is written without its code.
      const isNew = run.ledger.seq === 0
      if (isNew) turn.live = false
      else this.#giveBack(run, mail)
      this.#host.defective(run, error)
      return isNew
    }
  }

  #giveBack(run: Run, mail: Mail): void {
    run.inbox.unshift(mail)
    run.underWay--
    this.#waiting++
  }

  // From now on it is the commit that says what becomes of the turn.
  #written({ run, record, mail }: Turn, durable: Promise<void>): void {
    if (mail.ack !== undefined) this.#waiters.delete(mail.ack)
    if (record !== undefined) run.durable = durable
  }

  #whenDurable(durable: Promise<void>, turns: readonly Turn[]): void {
    durable.then(
      () => {
        for (const turn of turns) this.#perform(turn)
      },
      error => {
        for (const { mail } of turns) mail.ack?.reject(error)
        this.#host.failed(error)
      },
    )
  }

  // It is durable: whatever becomes of what it leads to, the answer is yes.
  #perform(turn: Turn): void {
    try {
      this.#host.perform(turn)
    } catch (error) {
      this.#host.failed(error)
    } finally {
      turn.mail.ack?.resolve()
    }
  }

  /** How many inputs wait for their turn. */
  get waiting(): number {
    return this.#waiting
  }

  /** Puts an input into a run's inbox. */
  send(run: Run, mail: Mail): void {
    // What a run gathers waits for it to be complete.
    if (mail.input.type === 'run.joined' && !mail.input.full) return void run.gathered.push(mail)
    if (this.#expect(mail)) run.inbox.push(mail)
    this.wake(run)
  }

  /** Puts an input before those that wait already. */
  sendFirst(run: Run, mail: Mail): void {
    if (this.#expect(mail)) run.inbox.unshift(mail)
    this.wake(run)
  }

  /**
   * Parks a run before its next input. One that is parked already stays so: the input that was to
   * lift the hold is refused with the error, and nothing is recorded.
   */
  park(run: Run, input: Input, error: unknown): void {
    if (run.ledger.status !== 'parked') return this.sendFirst(run, { input })
    const lifting = run.inbox.shift()
    if (lifting === undefined) return
    this.#waiting--
    if (lifting.ack === undefined) return
    this.#waiters.delete(lifting.ack)
    lifting.ack.reject(error)
  }

  /** Puts a run in line for its turn, if an input waits for it. */
  wake(run: Run): void {
    if (this.#stopped !== undefined || run.queued || run.reviving || run.inbox.length === 0) return
    run.queued = true
    this.#ready.push(run)
    this.#serving ??= this.#serve()
  }

  /** Takes no further turn. Resolves when the pass under way is over. */
  async stop(refusal: Refusal): Promise<void> {
    this.#stopped ??= refusal
    await this.#serving
    for (const ack of this.#waiters) ack.reject(refusal.error)
    this.#waiters.clear()
  }

  #expect({ ack }: Mail): boolean {
    if (this.#stopped !== undefined) {
      ack?.reject(this.#stopped.error)
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
      // Records may be noted that will never be written: no run may have another turn.
      this.#host.failed(error)
      this.#stopped ??= { error }
    } finally {
      this.#serving = undefined
    }
  }

  /** Takes the run's next input out of its inbox; none if its code has to come back first. */
  #open(run: Run): Turn | undefined {
    run.queued = false
    const [mail] = run.inbox
    if (mail === undefined) return undefined
    const input = run.gone ? undefined : admit(run.ledger, mail, run.workflow)
    const isFirst = input !== undefined && begins(run.ledger, input)
    // A run that is cancelled before it has begun has no code that could take part.
    const hasCode = isFirst || run.ledger.started
    const enters = input !== undefined && this.#host.enters(run, input)
    const live =
      !enters && hasCode && input !== undefined && !hasEnded(run) && !holdsAfter(run.ledger, input)
    if (live && run.code === undefined && !isFirst) {
      this.#host.revive(run)
      return undefined
    }
    run.inbox.shift()
    run.underWay++
    this.#waiting--
    return opened({ run, input, mail, moment: this.#host.stamp(), live, enters })
  }
}

const NOTHING = Promise.resolve()

const hasEnded = ({ ledger }: Run): boolean => isFinal(ledger.status)
