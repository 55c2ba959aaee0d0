import type { Lane, Rank } from './lane.ts'
import { SHARED } from './limit-id.ts'
import { Line } from './line.ts'

/** What a step comes under. */
export interface StepClaim {
  readonly workflow: string
  /** Ids of the limits of its workflow. */
  readonly limits: readonly string[]
  /** When its run came, less its priority: what was started first gets finished first. */
  readonly rank: number
}

/** Name of the limit of all steps of the engine. */
export const ALL = ''
export const ONLY_ALL = [ALL]

/** The names of all that may stop a step. */
export const stopsOf = ({ workflow, limits }: StepClaim): readonly string[] => [
  ALL,
  `!${SHARED}`,
  `!${workflow}`,
  ...limits.map(each => `${workflow}!${each}`),
]

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

  constructor(id: string, claim: StepClaim) {
    this.id = id
    this.limits = stopsOf(claim)
  }

  get first(): Rank | undefined {
    return this.line.first
  }
}
