import type { Machine } from './machine.ts'
import { type Rows, RunView, runsOn } from './run-view.ts'

/** An event or a signal that was acknowledged. */
export interface SentView {
  /** `event order/paid`, `signal approve`. */
  readonly label: string
  /** When, by the wall clock. */
  readonly at: Date
}

/** What properties look at: the world, and the runs as they are recorded. */
export class View<World> {
  readonly world: World
  /** Events and signals that have come, in the order in which they were acknowledged. */
  readonly sent: readonly SentView[]
  readonly #machine: Machine
  readonly #known = new Map<string, RunView>()
  #runs: readonly RunView[] = []
  #writes = -1

  constructor(world: World, machine: Machine, sent: readonly SentView[]) {
    this.world = world
    this.sent = sent
    this.#machine = machine
  }

  /** All runs there are, in order of their ids. */
  get runs(): readonly RunView[] {
    const { rows, writes } = this.#machine.disk
    if (writes !== this.#writes) this.#runs = runsOn(rows).map(id => this.#view(rows, id))
    this.#writes = writes
    return this.#runs
  }

  /** The run of this id, or the first of this workflow; without a name the first of all. */
  run(name?: string): RunView | undefined {
    if (name === undefined) return this.runs[0]
    return this.runs.find(({ id, workflow }) => id === name || workflow === name)
  }

  /** The wall clock. */
  get now(): Date {
    return new Date(this.#machine.clock.wall())
  }

  #view(rows: Rows, id: string): RunView {
    const known = this.#known.get(id) ?? new RunView(rows, id)
    this.#known.set(id, known)
    return known
  }
}
