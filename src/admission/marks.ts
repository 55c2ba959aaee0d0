import { Claims } from './claims.ts'

/** What is remembered for a limit: how far its window, its pace or its pause has got. */
export interface Mark {
  readonly id: string
  /** Absent: nothing any more, and its row may go. */
  readonly state: unknown
  /** Checksum of the row there is. */
  readonly check: number | undefined
}

/** What policies ask, and tell, of what they remember. */
export interface Memory {
  readonly size: number
  get(id: string): unknown
  /** Without a state it is forgotten. */
  set(id: string, state: unknown): void
  /** What of it counts only if a run is let in. */
  readonly claims: Claims
}

/** What would be remembered if some came: nobody else gets to know. */
export class Draft implements Memory {
  readonly #marks: Memory
  readonly #changed = new Map<string, unknown>()
  readonly claims = new Claims(this)

  constructor(marks: Memory) {
    this.#marks = marks
  }

  get size(): number {
    return this.#marks.size + this.#changed.size
  }

  get(id: string): unknown {
    return this.#changed.has(id) ? this.#changed.get(id) : this.#marks.get(id)
  }

  set(id: string, state: unknown): void {
    this.#changed.set(id, state)
  }
}

/**
 * What policies remember, by the id of the limit. Whatever changes is written with the decision that
 * it comes from: `changed` gives it to the writer.
 */
export class Marks implements Memory {
  readonly #states = new Map<string, unknown>()
  readonly #checks = new Map<string, number>()
  readonly #changed = new Set<string>()
  readonly claims = new Claims(this)

  /** As the journal has it. */
  recall(id: string, state: unknown, check: number): void {
    this.#states.set(id, state)
    this.#checks.set(id, check)
    this.claims.recall(id, state)
  }

  get(id: string): unknown {
    return this.#states.get(id)
  }

  set(id: string, state: unknown): void {
    this.claims.replaced(id, this.#states.get(id), state)
    if (state === undefined) this.#states.delete(id)
    else this.#states.set(id, state)
    this.#changed.add(id)
  }

  /** Hands over what has changed since; the writer tells what row there is now. */
  changed(write: (mark: Mark) => number | undefined): void {
    for (const id of this.#changed) {
      const check = write({ id, state: this.#states.get(id), check: this.#checks.get(id) })
      if (check === undefined) this.#checks.delete(id)
      else this.#checks.set(id, check)
    }
    this.#changed.clear()
  }

  get size(): number {
    return this.#states.size
  }

  /** All there is. */
  entries(): Iterable<[string, unknown]> {
    return this.#states
  }
}
