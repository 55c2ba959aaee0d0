/** How much waits. */
export interface Crowd {
  readonly runs: number
  readonly bytes: number
}

const NOBODY: Crowd = { runs: 0, bytes: 0 }

/** How much waits of each workflow, and of all. */
export class Crowds {
  readonly all = { runs: 0, bytes: 0 }
  readonly #own = new Map<string, { runs: number; bytes: number }>()

  of(workflow: string): Crowd {
    return this.#own.get(workflow) ?? NOBODY
  }

  add(workflow: string, runs: number, bytes: number): void {
    const own = this.#own.get(workflow) ?? { ...NOBODY }
    for (const crowd of [own, this.all]) {
      crowd.runs += runs
      crowd.bytes += bytes
    }
    if (own.runs === 0) this.#own.delete(workflow)
    else this.#own.set(workflow, own)
  }
}
