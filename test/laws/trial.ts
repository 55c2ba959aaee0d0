import { setImmediate as immediate } from 'node:timers/promises'
import { CancelledError, type Engine, type Workflow } from 'perdure'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import { Disk } from '../../src/testing/disk.ts'
import type { RunData } from './calls.ts'
import { History } from './history.ts'
import { nameOf } from './interpreter.ts'
import { LawBroken } from './law.ts'
import { isSteady, type Life, newLife } from './life.ts'
import { Mirror } from './mirror.ts'
import { fates, type Plan } from './plan.ts'
import { Witness } from './witness.ts'
import { type Asked, isOfEngine } from './witness-laws.ts'

/** Immediates without a sign of life after which the engine is at rest. */
const QUIET = 8
/** Alarms that may ring while one move lets time pass. */
const MOST_RINGS = 2_000
/** Immediates that anything may take. */
const PATIENCE = 20_000

/**
 * An engine on a simulated disk and a virtual clock that can be opened, crashed and closed, with
 * the laws watching. The first breach of a law is kept and ends the trial.
 */
export class Trial {
  readonly clock = new VirtualClock()
  readonly disk = new Disk()
  readonly history = new History(this.disk.rows, this.clock)
  readonly witness = new Witness(this.history)
  readonly plan: Plan
  /** In a trial in which every run is replayed after every turn. */
  readonly mirror: Mirror | undefined
  breach: LawBroken | undefined
  engine: Engine | undefined
  /** Calls that have not been answered by the engine that is open. */
  readonly unanswered = new Set<string>()
  readonly #ids = timeOrderedIds(size => new Uint8Array(size))
  #known: readonly Workflow<RunData>[] = []
  #life = 0
  #fates: readonly number[]
  #lifts = 0

  constructor(plan: Plan, { alwaysReplay = false } = {}) {
    this.plan = plan
    if (alwaysReplay) this.mirror = new Mirror({ ...this, isSteady: of => isSteady(plan, of) })
    this.#fates = plan.fates
    this.history.plan = plan
    this.disk.fault = () => {
      const [fate = 0, ...rest] = this.#fates
      this.#fates = rest
      return fates[fate]
    }
    this.disk.onWrite = (write, fault) => {
      if (fault === 'fails' || fault === 'fails-but-written') {
        this.witness.failedAfter = this.history.commits.length
      }
      if (fault !== 'fails') this.guard(() => this.history.take(write))
    }
    this.disk.onCrash = () => this.#gone()
  }

  /** From now on every write succeeds. */
  endFaults(): void {
    this.#fates = []
  }

  async open(): Promise<void> {
    while (this.engine === undefined && this.breach === undefined) {
      const life = ++this.#life
      this.history.opening()
      this.history.walls.push(this.clock.wall())
      let failure: unknown
      this.#live(life)
        .open()
        .then(
          engine => {
            if (this.#life === life) this.engine = engine
          },
          error => {
            failure = error
          },
        )
      await this.#until(() => this.engine ?? failure ?? this.#life !== life, 'opens')
      if (failure !== undefined && this.witness.failedAfter === undefined) {
        this.break('the engine opens on whatever a crash has left', String(failure))
      }
      if (this.engine === undefined) this.#gone()
    }
    for (const run of this.history.runs.keys()) this.watch(run)
  }

  async close(): Promise<void> {
    const { engine } = this
    if (engine === undefined) return
    let closed = false
    const done = (): boolean => (closed = true)
    engine.close().then(done, done)
    await this.#until(() => closed || this.engine !== engine, 'closes')
    await this.settle()
    const [unanswered] = this.unanswered
    if (this.engine === engine && unanswered !== undefined) {
      this.break('every call is answered unless the process dies', unanswered)
    }
    this.#gone()
  }

  crash(): void {
    this.disk.crash()
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    let before = -1
    for (let quiet = 0; quiet < QUIET && this.breach === undefined; ) {
      await immediate()
      const now = this.disk.accesses + this.disk.writes + this.witness.activity
      quiet = now === before ? quiet + 1 : 0
      before = now
    }
    this.breach ??= await this.mirror?.check(this)
  }

  /** Lets time pass, and everything happen that it brings. */
  async pass(ms: number): Promise<void> {
    await this.settle()
    let rings = 0
    for (let left = ms; this.breach === undefined; rings++) {
      if (rings > MOST_RINGS)
        return this.break('alarms ring only when something is due', `${rings}`)
      left -= this.clock.pass(left)
      this.history.walls.push(this.clock.wall())
      await this.settle()
      if (left <= 0 && (this.clock.next() ?? Infinity) > this.clock.elapsed()) return
    }
  }

  jump(ms: number): void {
    this.clock.jump(ms)
    this.history.walls.push(this.clock.wall())
  }

  /** Asks the engine for something, without waiting for the answer. */
  ask(what: Asked, run: string, call: (engine: Engine) => Promise<unknown>): void {
    const { engine, witness } = this
    if (engine === undefined) return
    const name = `${what} of ${run} (${this.unanswered.size})`
    if (what === 'resume' || what === 'cancel') {
      this.#lifts++
      witness.lifts(run)
    }
    const lifts = this.#lifts
    this.unanswered.add(name)
    const answered = (tell: () => void): void => {
      if (this.engine !== engine) return
      this.unanswered.delete(name)
      this.guard(tell)
    }
    call(engine).then(
      () => answered(() => witness.ack(what, run, lifts === this.#lifts)),
      error => answered(() => witness.refuse(what, run, error)),
    )
  }

  /** Has the result of a run shown, once it has one. */
  watch(run: string): void {
    const { engine, witness } = this
    if (engine === undefined) return
    const show = (result: Parameters<Witness['result']>[1]): void => {
      if (this.engine === engine) this.guard(() => witness.result(run, result))
    }
    const result = engine.run(run).then(handle => handle.result())
    result.then(
      output => show({ output }),
      error => {
        if (!isOfEngine(error) || error instanceof CancelledError) show({ error: nameOf(error) })
      },
    )
  }

  workflowOf(program: number): Workflow<RunData> {
    const found = this.#known[program % this.#known.length]
    if (found === undefined) throw new Error('a plan has programs')
    return found
  }

  guard<Value>(look: () => Value): Value | undefined {
    try {
      return look()
    } catch (error) {
      if (!(error instanceof LawBroken)) throw error
      this.breach ??= error
      return undefined
    }
  }

  break(law: string, fault: string): void {
    this.breach ??= new LawBroken(law, fault)
  }

  async #until(reached: () => unknown, what: string): Promise<void> {
    for (let patience = PATIENCE; !reached() && this.breach === undefined; patience--) {
      await immediate()
      if (patience === 0) return this.break(`the engine ${what} in the end`, 'it does not')
    }
  }

  #gone(): void {
    this.#life++
    this.engine = undefined
    this.clock.forget()
    this.unanswered.clear()
    this.witness.engineGone()
    this.mirror?.forget()
  }

  #live(number: number): Life {
    const isAlive = (): boolean => this.#life === number
    const life = newLife({ ...this, ids: this.#ids, isAlive, guard: look => this.guard(look) })
    this.#known = life.workflows
    return life
  }
}
