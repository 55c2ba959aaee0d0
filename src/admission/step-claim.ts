import type { StepLimit } from './step-limit.ts'

/** What the steps of a run ask for a place with. */
export class StepClaim {
  readonly run: string
  /** When the run came, less its priority: what was started first gets finished first. */
  readonly rank: number
  /** The names of all that may stop them. */
  readonly stops: readonly string[]
  /** The same, but for how many steps may execute at all. */
  readonly limits: readonly StepLimit[]

  constructor(run: string, rank: number, limits: readonly StepLimit[]) {
    this.run = run
    this.rank = rank
    this.stops = [ALL, ...limits.map(({ name }) => name)]
    this.limits = limits
  }
}

/** Name of the limit of all steps of the engine. */
export const ALL = ''
export const ONLY_ALL = [ALL]

/** The limit of a workflow that a name is of. */
export function idIn(name: string): string | undefined {
  const at = name.indexOf('!')
  return at > 0 ? name.slice(at + 1) : undefined
}
