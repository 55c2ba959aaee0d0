import { setImmediate as immediate } from 'node:timers/promises'
import { type Engine, type EngineOptions, openEngine } from 'perdure'
import { silentLogger } from '../../src/define/logger.ts'
import type { BodyCall } from '../../src/engine/body-runner.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import { Disk, type DiskCall, type WriteFault } from '../../src/testing/disk.ts'
import { History } from './history.ts'
import { LawBroken } from './law.ts'
import { mortal } from './life.ts'
import { Mirror } from './mirror.ts'
import type { StepNode } from './program.ts'
import { Witness } from './witness.ts'
import type { Asked } from './witness-laws.ts'

/** The call of the disk that goes wrong, counted from 1, and how. */
export interface Strike {
  readonly n: number
  readonly fault: WriteFault
}

export interface OrdealOptions extends Pick<EngineOptions, 'workflows' | 'retention'> {
  /** Runs that only wait leave memory when there are more. */
  readonly residentRuns?: number
  /** What the laws have to know of steps that do not just return. */
  readonly nodes?: { readonly [step: string]: StepNode }
  readonly strike?: Strike
  /** Every run is replayed after every turn. */
  readonly alwaysReplay?: boolean
}

const QUIET = 5
const PATIENCE = 3_000
const TRIES = 20

/**
 * An engine with real workflows that goes on whatever becomes of it: one that dies, fails or refuses
 * is opened anew, and asked again. All that reaches the disk and all bodies are held against the laws.
 */
export class Ordeal {
  readonly clock = new VirtualClock()
  readonly disk = new Disk({ chunk: 1_000 })
  readonly history = new History(this.disk.rows, this.clock)
  readonly witness = new Witness(this.history)
  readonly options: OrdealOptions
  readonly mirror: Mirror | undefined
  /** What each call of the disk was, in order. */
  readonly kinds: (DiskCall['kind'] | 'write')[] = []
  breach: LawBroken | undefined
  engine: Engine | undefined
  /** The engine says that it has stopped. */
  stopped = false
  readonly #ids = timeOrderedIds(size => new Uint8Array(size))
  #life = 0
  #strike: Strike | undefined

  constructor(options: OrdealOptions) {
    this.options = options
    if (options.alwaysReplay) this.mirror = new Mirror({ ...this, isSteady: () => true })
    this.#strike = options.strike
    this.disk.fault = () => this.#fate('write')
    this.disk.callFault = ({ kind }) => {
      const fault = this.#fate(kind)
      return fault === undefined ? undefined : fault.startsWith('crash') ? 'crash' : 'fails'
    }
    this.disk.onWrite = (write, fault) => {
      if (fault?.startsWith('fails')) this.witness.failedAfter = this.history.commits.length
      if (fault !== 'fails') this.guard(() => this.history.take(write))
    }
    this.disk.onCrash = () => this.#gone()
  }

  /** Asks until it is answered. `asked`: what that says of which run. */
  async ask<Value>(
    call: (engine: Engine) => Promise<Value>,
    asked?: { readonly what: Asked; readonly run: string },
  ): Promise<Value> {
    for (let tries = 0; tries < TRIES; tries++) {
      const engine = await this.#living()
      if (asked?.what === 'start') this.witness.asks(asked.run)
      const answered = call(engine).then(value => {
        if (this.engine !== engine || asked === undefined) return value
        this.guard(() => this.witness.ack(asked.what, asked.run, true))
        return value
      })
      const [answer] = (await this.#outcome(answered)) ?? []
      if (answer !== undefined && 'value' in answer) return answer.value
      if (this.engine === engine) await this.close()
    }
    throw this.breach ?? new LawBroken('what is asked again is answered in the end', String(call))
  }

  /** Lets time pass, and everything happen that it brings, in as many lives as it takes. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; this.breach === undefined; ) {
      await this.#living()
      await this.settle()
      if (this.engine === undefined || this.stopped) continue
      if (left <= 0) return
      left -= this.clock.pass(left)
      this.history.walls.push(this.clock.wall())
    }
  }

  async settle(): Promise<void> {
    let before = -1
    for (let quiet = 0; quiet < QUIET; ) {
      await immediate()
      const now = this.disk.accesses + this.disk.writes + this.witness.activity
      quiet = now === before ? quiet + 1 : 0
      before = now
    }
    this.breach ??= await this.mirror?.check(this)
  }

  async close(): Promise<void> {
    const { engine } = this
    if (engine !== undefined) await this.#outcome(engine.close())
    if (this.engine === engine) this.#gone()
  }

  guard(look: () => void): void {
    try {
      look()
    } catch (error) {
      if (!(error instanceof LawBroken)) throw error
      this.breach ??= error
    }
  }

  async #living(): Promise<Engine> {
    for (let tries = 0; tries < TRIES; tries++) {
      if (this.engine !== undefined && !this.stopped) return this.engine
      await this.close()
      const life = ++this.#life
      this.history.opening()
      this.history.walls.push(this.clock.wall())
      const [opened] = (await this.#outcome(this.#open(life))) ?? []
      if (opened !== undefined && 'value' in opened && this.#life === life) {
        this.engine = opened.value
      } else if (this.#life === life) {
        this.#gone()
      }
    }
    throw this.breach ?? new LawBroken('the engine opens in the end', 'it does not')
  }

  async #open(life: number): Promise<Engine> {
    const { workflows, retention = 'forever', residentRuns = 1_000 } = this.options
    const isAlive = (): boolean => this.#life === life
    const store = await this.disk.acquire()
    const engine = openEngine({
      path: 'simulated',
      store,
      workflows: this.mirror?.watch(workflows) ?? workflows,
      retention,
      limits: { residentRuns },
      clock: mortal(this.clock, isAlive),
      ids: this.#ids,
      bodies: call => (isAlive() ? this.#body(call) : new Promise(() => {})),
      logger: {
        ...silentLogger,
        error: (_, message) => {
          if (isAlive() && message.includes('has stopped')) this.stopped = true
        },
      },
    })
    // A store that was given is closed by the engine that it opens.
    return engine.catch(async error => {
      await store.close()
      throw error
    })
  }

  async #body({ run, step, attempt, body }: BodyCall): Promise<unknown> {
    const node = this.options.nodes?.[step] ?? { kind: 'step', id: step, ...returning }
    const call = { run, step, node, path: step, input: '' }
    let done = (): void => {}
    this.guard(() => {
      done = this.witness.body(call, attempt)
    })
    try {
      return await body()
    } finally {
      done()
    }
  }

  #fate(kind: DiskCall['kind'] | 'write'): WriteFault | undefined {
    this.kinds.push(kind)
    return this.#strike?.n === this.kinds.length ? this.#strike.fault : undefined
  }

  /** What comes of it, unless the engine dies first. */
  async #outcome<Value>(asked: Promise<Value>): Promise<[Outcome<Value>] | undefined> {
    const life = this.#life
    let outcome: Outcome<Value> | undefined
    asked.then(
      value => {
        outcome = { value }
      },
      error => {
        outcome = { error }
      },
    )
    for (let left = PATIENCE; outcome === undefined && this.#life === life; left--) {
      await immediate()
      if (left === 0) throw new LawBroken('every call is answered unless the process dies', '')
    }
    return outcome && [outcome]
  }

  #gone(): void {
    this.#life++
    this.engine = undefined
    this.stopped = false
    this.clock.forget()
    this.witness.engineGone()
    this.mirror?.forget()
  }
}

type Outcome<Value> = { readonly value: Value } | { readonly error: unknown }

const returning = { outcomes: [{ kind: 'value', pick: 0 }], retries: 4, backoff: 1 } as const
