import { event, type WorkflowContext, workflow } from 'perdure'
import * as z from 'zod'
import type { BodyCall } from '../../src/engine/body-runner.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { dieAfter, forgetDeaths } from '../simulation/death.ts'
import { type Facts, optionsOf, type Policies } from './policies.ts'
import { Sights } from './sight.ts'

/** What the code of a run found out about its events. */
export interface Opened {
  readonly event: number
  readonly events: readonly number[]
}

/** A step whose body executes. */
export interface Held {
  readonly run: string
  readonly step: string
  end(): void
  fail(): void
}

const came = event('came', z.custom<Facts>())

interface Came {
  readonly name: string
  readonly id: string
  readonly ts: number
  readonly data: Facts
}

const watchedWith = (policies: Policies) =>
  workflow(
    { id: 'watched', triggers: [came], retries: 3, ...optionsOf(policies) },
    async ({ event, events, step }: WorkflowContext<Facts, Came>) => {
      const opened = { event: event.data.n, events: events.map(({ data }) => data.n) }
      await step.run('first', () => ({ ...opened, ...event.data }))
      if (event.data.nap === 0) return
      await step.sleep('nap', event.data.nap)
      await step.run('second', () => ({ ...opened, ...event.data }))
    },
  )

const mark = workflow({ id: 'mark' }, async () => {})

/** The engine on a machine of its own, with the steps that execute in it. */
export class World {
  readonly machine = new Machine(timeOrderedIds(size => new Uint8Array(size)))
  readonly held: Held[] = []
  /** Steps that have begun in this life, and not failed. */
  readonly begun = new Set<string>()
  /** By the run that was told. */
  readonly opened = new Map<string, Opened>()
  /** Asked before each body. */
  begins: (call: Pick<Held, 'run' | 'step'>) => void = () => {}
  readonly #watched: ReturnType<typeof watchedWith>
  readonly #residents: number
  /** When it was opened, by its elapsed time. */
  readonly reopenings = new Set<number>()
  #marks = 0
  /** What is to be added to the machine's clock to get the engine's. */
  #lag = 0

  constructor(policies: Policies, residents: number) {
    this.#watched = watchedWith(policies)
    this.#residents = residents
  }

  get engine(): Engine {
    const { engine, failure } = this.machine
    if (engine === undefined) throw failure ?? new Error('the engine is not open')
    return engine
  }

  /** Elapsed time as the engine counts it: over a crash it follows the wall clock. */
  get now(): number {
    return this.machine.clock.elapsed() + this.#lag
  }

  async open(): Promise<void> {
    const workflows = [this.#watched, mark]
    const limits = { residentRuns: this.#residents, deathsPerRun: 1_000 }
    await this.machine.boot(isAlive => ({
      workflows,
      limits,
      bodies: call => (isAlive() ? this.#execute(call) : undefined),
    }))
    const { id } = await this.engine.start(mark, undefined, { id: `mark${this.#marks++}` })
    const sights = new Sights(this.machine.disk.rows)
    sights.look()
    this.#lag = (sights.get(id)?.arrivedAt ?? 0) - this.machine.clock.elapsed()
    this.reopenings.add(this.now)
    await this.machine.settle()
  }

  async start(facts: Facts, id: string): Promise<void> {
    await this.engine.start(this.#watched, facts, { id })
  }

  async crash(): Promise<void> {
    this.machine.crash()
    this.held.length = 0
    this.begun.clear()
    await forgetDeaths(this.machine)
    await this.open()
  }

  /** The process dies when it has written so often, or when it rests before. */
  async dieAfter(writes: number): Promise<void> {
    await dieAfter(this.machine, writes)
  }

  /** Lets time pass; `rested` is called whenever nothing more happens at a moment. */
  async pass(ms: number, rested: () => void): Promise<void> {
    await passTime(this.machine.clock, ms, async () => {
      await this.machine.settle()
      rested()
    })
  }

  #execute({ run, step, body, attempt }: BodyCall): unknown {
    if (run.startsWith('mark')) return body()
    const found = body() as Opened & Facts
    this.begins({ run, step })
    this.begun.add(`${run} ${step}`)
    this.opened.set(run, { event: found.event, events: found.events })
    if (!found.held) return undefined
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        const at = this.held.indexOf(held)
        if (at !== -1) this.held.splice(at, 1)
        this.machine.activity++
      }
      const held = {
        ...{ run, step },
        end: () => {
          leave()
          resolve()
        },
        fail: () => {
          leave()
          this.begun.delete(`${run} ${step}`)
          reject(new Error('told to fail'))
        },
      }
      this.held.push(held)
      if (found.polite) attempt.signal.addEventListener('abort', held.fail)
    })
  }
}
