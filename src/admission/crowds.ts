/** How much waits. */
export interface Crowd {
  readonly runs: number
  readonly bytes: number
}

const NOBODY: Crowd = { runs: 0, bytes: 0 }

/** How much waits of each workflow, and of all. */
export class Crowds {
  readonly #of = new Map<string, Crowd>()
  #all = NOBODY

  get all(): Crowd {
    return this.#all
  }

  of(workflow: string): Crowd {
    return this.#of.get(workflow) ?? NOBODY
  }

  /** So many more, or fewer. */
  count(workflow: string, runs: number, bytes: number): void {
    const crowd = sum(this.of(workflow), runs, bytes)
    if (crowd.runs === 0) this.#of.delete(workflow)
    else this.#of.set(workflow, crowd)
    this.#all = sum(this.#all, runs, bytes)
  }
}

const sum = (crowd: Crowd, runs: number, bytes: number): Crowd => ({
  runs: crowd.runs + runs,
  bytes: crowd.bytes + bytes,
})
