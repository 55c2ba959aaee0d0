import type { StepLimit } from './step-limit.ts'

/** The run whose steps ask. */
export interface Claimant {
  readonly run: string
  readonly workflow: string
  /** When it came, less its priority: what was started first gets finished first. */
  readonly rank: number
}

/** What the steps of a run ask for a place with. */
export class StepClaim implements Claimant {
  readonly run: string
  readonly workflow: string
  readonly rank: number
  /** The names of all that may stop them. */
  readonly stops: readonly string[]
  /**
   * The same, but for how many steps may execute at all: pauses of everything and of the workflow,
   * and then what limits the workflow has.
   */
  readonly limits: readonly StepLimit[]

  constructor({ run, workflow, rank }: Claimant, limits: readonly StepLimit[]) {
    this.run = run
    this.workflow = workflow
    this.rank = rank
    this.stops = [ALL, ...limits.map(({ name }) => name)]
    this.limits = limits
  }

  /** Whether only pauses stop them, and how many steps may execute at all. */
  get isPlain(): boolean {
    return this.limits.length === PAUSES
  }
}

const PAUSES = 2

/** Name of the limit of all steps of the engine. */
export const ALL = ''
export const ONLY_ALL = [ALL]

/** The limit of a workflow that a name is of. */
export function idIn(name: string): string | undefined {
  const at = name.indexOf('!')
  return at > 0 ? name.slice(at + 1) : undefined
}
