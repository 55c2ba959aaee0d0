import type { Engine, RunEntry } from 'perdure'
import type { VirtualClock } from '../../src/testing/clock.ts'

/** An engine, the clock it goes by, and what it has told so far. */
export class Scene {
  readonly engine: Engine
  readonly clock: VirtualClock
  readonly #told: RunEntry[] = []

  constructor(engine: Engine, clock: VirtualClock) {
    this.engine = engine
    this.clock = clock
    void this.#listen()
  }

  /** Time passes by so much with each look that `until` takes. */
  pace = 0

  /** Waits for an entry of each of these runs. */
  async until(type: string, ...runs: readonly string[]): Promise<void> {
    while (!runs.every(run => this.#has(run, type))) {
      await new Promise(resolve => setImmediate(resolve))
      this.clock.pass(this.pace)
    }
  }

  /** Waits for an entry in so many runs of a workflow. */
  async untilIn(workflow: string, type: string, count: number): Promise<readonly string[]> {
    for (;;) {
      const runs = this.#runsOf(workflow).filter(run => this.#has(run, type))
      if (runs.length >= count) return runs
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  #runsOf(workflow: string): string[] {
    const first = this.#told.filter(entry => entry.type === 'run.scheduled')
    return first.filter(entry => entry.workflow === workflow).map(({ run }) => run)
  }

  #has(run: string, type: string): boolean {
    return this.#told.some(entry => entry.run === run && entry.type === type)
  }

  /** The run of a tick that is nominal in this second. */
  tickOf(schedule: string): string {
    const now = new Date(this.clock.wall()).toISOString()
    return `${schedule}@${now.replace(/[-:]|\..*(?=Z)/g, '')}`
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; ) left -= this.clock.pass(left)
  }

  async #listen(): Promise<void> {
    for await (const entry of this.engine.subscribe()) this.#told.push(entry)
  }
}
