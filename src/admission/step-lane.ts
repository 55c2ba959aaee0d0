import type { Lane, Rank } from './lane.ts'
import { SHARED } from './limit-id.ts'
import { Line } from './line.ts'

/** What the steps of a run come under. */
export interface StepClaim {
  /** The names of all that may stop them. */
  readonly stops: readonly string[]
  /** When the run came, less its priority: what was started first gets finished first. */
  readonly rank: number
}

/** Name of the limit of all steps of the engine. */
export const ALL = ''
export const ONLY_ALL = [ALL]

/** The claim of a run that comes under these limits of its workflow. */
export const stepClaim = (
  workflow: string,
  limits: readonly string[],
  rank: number,
): StepClaim => ({
  stops: [ALL, `!${SHARED}`, `!${workflow}`, ...limits.map(each => `${workflow}!${each}`)],
  rank,
})

/** The limit of a workflow that a name is of. */
export function idIn(name: string): string | undefined {
  const at = name.indexOf('!')
  return at > 0 ? name.slice(at + 1) : undefined
}

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
