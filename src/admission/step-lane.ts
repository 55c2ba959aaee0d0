import type { Lane, Rank } from './lane.ts'
import { Line, type Standing } from './line.ts'
import type { StepClaim } from './step-claim.ts'

/** A step that waits for a place to execute. */
export class WaitingStep<Job> implements Rank {
  readonly job: Job
  readonly claim: StepClaim
  readonly place: number
  /** Where it stands now. */
  at: { readonly lane: StepLane<Job>; readonly standing: Standing<WaitingStep<Job>> } | undefined

  constructor(job: Job, claim: StepClaim, place: number) {
    this.job = job
    this.claim = claim
    this.place = place
  }

  get rank(): number {
    return this.claim.rank
  }

  get run(): string {
    return this.claim.run
  }
}

/** Steps that come under the same limits. */
export class StepLane<Job> implements Lane {
  readonly id: string
  readonly limits: readonly string[]
  readonly line = new Line<WaitingStep<Job>>()

  constructor(id: string, limits: readonly string[]) {
    this.id = id
    this.limits = limits
  }

  get first(): WaitingStep<Job> | undefined {
    return this.line.first
  }
}
