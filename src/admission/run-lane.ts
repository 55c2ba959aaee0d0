import type { Lane, Rank } from './lane.ts'
import type { Passage } from './passage.ts'
import { Window } from './window.ts'

/** A run that waits to begin. */
export interface Waiting extends Rank {
  /** Its id. */
  readonly key: string
  readonly bytes: number
}

/** Those that wait to begin under the same limits. The first of them are in memory. */
export class RunLane implements Lane {
  readonly passage: Passage
  /** What it is stopped by, as the turnstile names it. */
  readonly limits: readonly string[]
  readonly window: Window<Waiting>
  /** Those whose rows are being written. */
  coming = 0

  constructor(passage: Passage, limits: readonly string[], onDisk: number) {
    this.passage = passage
    this.limits = limits
    this.window = new Window(onDisk)
  }

  get id(): string {
    return this.passage.lane
  }

  get first(): Rank | undefined {
    return this.window.first
  }
}
