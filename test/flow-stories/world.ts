import type { BodyCall } from '../../src/engine/body-runner.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { dieAfter, forgetDeaths } from '../simulation/death.ts'
import type { Facts } from './facts.ts'
import type { Flow } from './flow.ts'
import type { At, Story } from './story.ts'
import { type Three, threeOf } from './workflows.ts'

/** A step that executes. */
export interface Executing {
  readonly run: string
  readonly at: At
  readonly step: string
  readonly facts: Facts
}

/** One that ends when it is told to. */
export interface Held extends Executing {
  end(): void
  fail(error: Error): void
}

/** The engine on a machine of its own, with the steps that execute in it. */
export class World {
  readonly machine = new Machine(timeOrderedIds(size => new Uint8Array(size)))
  readonly held: Held[] = []
  readonly flows: [Flow, Flow, Flow]
  /** Those before the last deploy of each. */
  readonly before: [Flow, Flow, Flow]
  readonly most: number
  /** Those that do not have the options any more that they had in the beginning. */
  readonly deployed = new Set<At>()
  /** Steps end by themselves. */
  letsGo = false
  /** Asked before each body. */
  begins: (step: Executing) => void = () => {}
  #workflows: Three
  readonly #residents: number

  constructor({ flows, residents, most }: Story) {
    this.flows = [...flows]
    this.before = [...flows]
    this.#workflows = threeOf(flows)
    this.#residents = residents
    this.most = most
  }

  get engine(): Engine {
    const { engine, failure } = this.machine
    if (engine === undefined) throw failure ?? new Error('the engine is not open')
    return engine
  }

  async open(): Promise<void> {
    this.held.length = 0
    const limits = { residentRuns: this.#residents, deathsPerRun: 1_000 }
    await this.machine.boot(isAlive => ({
      workflows: this.#workflows,
      limits,
      concurrency: this.most,
      bodies: call => (isAlive() ? this.#execute(call) : undefined),
    }))
    await this.machine.settle()
  }

  async start(at: At, facts: Facts, id: string): Promise<void> {
    await this.engine.start(this.#workflows[at], facts, { id })
  }

  async crash(): Promise<void> {
    this.machine.crash()
    await forgetDeaths(this.machine)
    await this.open()
  }

  async deploy(at: At, flow: Flow): Promise<void> {
    this.before[at] = this.flows[at]
    this.flows[at] = flow
    this.#workflows = threeOf(this.flows)
    this.deployed.add(at)
    await this.crash()
  }

  /** The process dies when it has written so often, or when it rests before, and comes back. */
  async dieAfter(writes: number): Promise<void> {
    await dieAfter(this.machine, writes)
    await this.crash()
  }

  /** Lets time pass; `rested` is awaited whenever nothing more happens at a moment. */
  async pass(ms: number, rested: () => void): Promise<void> {
    await passTime(this.machine.clock, ms, async () => {
      await this.machine.settle()
      rested()
    })
  }

  #execute({ run, workflow, step, body, attempt }: BodyCall): unknown {
    const facts = body() as Facts
    // Handlers come under no limit, and end at once.
    if (workflow.includes('/')) return facts
    const at = Number(workflow.slice(1)) as At
    const executing = { run, at, step, facts }
    this.begins(executing)
    if (!facts.held || this.letsGo) return facts
    return new Promise<Facts>((resolve, reject) => {
      const leave = (): void => {
        const place = this.held.indexOf(held)
        if (place !== -1) this.held.splice(place, 1)
        this.machine.activity++
      }
      const held: Held = {
        ...executing,
        end: () => {
          leave()
          resolve(facts)
        },
        fail: error => {
          leave()
          reject(error)
        },
      }
      this.held.push(held)
      if (facts.polite) attempt.signal.addEventListener('abort', () => held.fail(new Error('left')))
    })
  }
}
