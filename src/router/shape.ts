import type { Alternative, Term } from './condition.ts'
import { combine, finish, hashOf } from './hash.ts'
import { type Path, valueAt } from './path.ts'

/** Where an alternative is entered: under this tag of all whose terms have the same paths. */
export interface Place {
  readonly shape: Shape
  readonly tag: number
}

/** The set of paths that the terms of an alternative are about. */
export class Shape {
  /** Equal for equal sets of paths; empty for the empty one. */
  readonly text: string
  readonly #paths: readonly Path[]

  /** The paths in one order for each set, none twice: see `Form`. */
  constructor(paths: readonly Path[]) {
    this.text = paths.map(path => JSON.stringify(path)).join()
    this.#paths = paths
  }

  /** The tag of the values that the event has here; undefined if they equal no literals. */
  tagIn(event: unknown): number | undefined {
    let tag = 0
    for (const path of this.#paths) {
      const hash = hashOf(valueAt(event, path))
      if (hash === undefined) return undefined
      tag = combine(tag, hash)
    }
    return finish(tag)
  }
}

/** An alternative made ready for any literals. */
export class Form {
  readonly #shape: Shape
  readonly #terms: readonly Term[]

  // Of two terms with one path the first is enough: what is left out lets more events through.
  constructor({ terms }: Alternative) {
    const byPath = new Map<string, Term>()
    for (const term of terms) {
      const path = JSON.stringify(term.path)
      if (!byPath.has(path)) byPath.set(path, term)
    }
    const ordered = [...byPath].sort(([a], [b]) => (a < b ? -1 : 1))
    this.#terms = ordered.map(([, term]) => term)
    this.#shape = new Shape(this.#terms.map(term => term.path))
  }

  /** A term whose literal has no hash is left out; without any term left the shape is empty. */
  place(literals: readonly unknown[]): Place {
    let tag = 0
    for (const { literal } of this.#terms) {
      const hash = hashOf(literals[literal])
      if (hash === undefined) return this.#without(literals).place(literals)
      tag = combine(tag, hash)
    }
    return { shape: this.#shape, tag: finish(tag) }
  }

  #without(literals: readonly unknown[]): Form {
    return new Form({
      terms: this.#terms.filter(({ literal }) => hashOf(literals[literal]) !== undefined),
    })
  }
}
