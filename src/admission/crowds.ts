/** How much waits. */
export interface Crowd {
  readonly runs: number
  readonly bytes: number
}

export const NOBODY: Crowd = { runs: 0, bytes: 0 }

/** How much waits of each workflow, and of all. */
export class Crowds {
  readonly #of = new Map<string, Crowd>()
  #all = NOBODY
  /** What those count for whose place another may take: once it has, nothing. */
  readonly #replaceable = new Map<string, Crowd>()

  get all(): Crowd {
    return this.#all
  }

  of(workflow: string): Crowd {
    return this.#of.get(workflow) ?? NOBODY
  }

  /** So many more, or fewer. */
  count(workflow: string, { runs, bytes }: Crowd): void {
    const crowd = sum(this.of(workflow), runs, bytes)
    if (crowd.runs === 0) this.#of.delete(workflow)
    else this.#of.set(workflow, crowd)
    this.#all = sum(this.#all, runs, bytes)
  }

  /** One that waits counts for so much until it goes, or another takes its place. */
  stand(run: string, crowd: Crowd): void {
    this.#replaceable.set(run, crowd)
  }

  /** How much less it is if another takes its place. */
  standing(run: string): Crowd {
    return this.#replaceable.get(run) ?? NOBODY
  }

  /** Another has taken its place: it is about to go, and waits for nothing any more. */
  replace(workflow: string, run: string): void {
    this.count(workflow, less(this.standing(run)))
    if (this.#replaceable.has(run)) this.#replaceable.set(run, NOBODY)
  }

  /** One that has waited waits no more. */
  go(workflow: string, run: string, bytes: number): void {
    this.count(workflow, less(this.#replaceable.get(run) ?? { runs: 1, bytes }))
    this.#replaceable.delete(run)
  }
}

const sum = (crowd: Crowd, runs: number, bytes: number): Crowd => ({
  runs: crowd.runs + runs,
  bytes: crowd.bytes + bytes,
})

const less = ({ runs, bytes }: Crowd): Crowd => ({ runs: -runs, bytes: -bytes })
