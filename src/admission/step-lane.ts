import type { Lane, Rank } from './lane.ts'
import { Line } from './line.ts'

export interface Item<Job> extends Rank {
  readonly job: Job
}

/** Steps that come under the same limits. */
export class StepLane<Job> implements Lane {
  readonly id: string
  readonly limits: readonly string[]
  readonly line = new Line<Item<Job>>()

  constructor(id: string, limits: readonly string[]) {
    this.id = id
    this.limits = limits
  }

  get first(): Rank | undefined {
    return this.line.first
  }
}
