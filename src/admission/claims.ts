/** What is remembered for the sake of a run: for nothing, if that is not let in. */
interface Claim {
  readonly run: string
}

/** Where it is remembered, by the id of the limit. */
interface Remembered {
  get(id: string): unknown
  /** Without a state it is forgotten. */
  set(id: string, state: unknown): void
}

/**
 * What runs have taken before it is known whether they are let in: keys of idempotency, the quiet of a
 * debounce. Whoever is refused by a later stage gives all of it back, whatever it is.
 */
export class Claims {
  readonly #memory: Remembered
  /** By run. Nearly all have taken one thing. */
  readonly #ids = new Map<string, string | Set<string>>()

  constructor(memory: Remembered) {
    this.#memory = memory
  }

  /** Remembers it, until its run is refused. */
  take(id: string, state: Claim): void {
    this.#memory.set(id, state)
    this.recall(id, state)
  }

  /** As it is remembered already. Of runs that were let in it does no harm. */
  recall(id: string, state: unknown): void {
    if (!isClaim(state)) return
    const known = this.#ids.get(state.run)
    if (known === undefined) this.#ids.set(state.run, id)
    else if (typeof known !== 'string') known.add(id)
    else if (known !== id) this.#ids.set(state.run, new Set([known, id]))
  }

  /** Something else is remembered, or nothing: it may not be for the sake of that run any more. */
  replaced(id: string, before: unknown, after: unknown): void {
    if (!isClaim(before) || (isClaim(after) && after.run === before.run)) return
    const known = this.#ids.get(before.run)
    if (known === id) this.#ids.delete(before.run)
    else if (typeof known === 'object') known.delete(id)
  }

  /** The run is let in, or nobody asks any more whether it is: what it has taken is used up. */
  settle(run: string): void {
    this.#ids.delete(run)
  }

  /** The run is refused. */
  giveBack(run: string): void {
    for (const [id] of this.#of(run)) this.#memory.set(id, undefined)
    this.settle(run)
  }

  /** The run becomes a part of another one, which stands for it from now on. */
  handOver(run: string, to: string): void {
    for (const [id, state] of this.#of(run)) this.take(id, { ...state, run: to })
    this.settle(run)
  }

  /** What is its own still. */
  #of(run: string): [string, Claim][] {
    const known = this.#ids.get(run) ?? []
    return [...(typeof known === 'string' ? [known] : known)].flatMap(id => {
      const state = this.#memory.get(id)
      return isClaim(state) && state.run === run ? [[id, state] as [string, Claim]] : []
    })
  }
}

const isClaim = (state: unknown): state is Claim =>
  typeof state === 'object' && state !== null && 'run' in state && typeof state.run === 'string'
