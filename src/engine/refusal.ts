/** Why an engine does nothing more. */
export interface Refusal<Thrown = unknown> {
  readonly error: Thrown
}

/** One whose error is made when somebody is told: nobody is, as a rule, when an engine is closed. */
export class LateRefusal<Thrown> implements Refusal<Thrown> {
  readonly #make: () => Thrown
  #made: Refusal<Thrown> | undefined

  constructor(make: () => Thrown) {
    this.#make = make
  }

  get error(): Thrown {
    this.#made ??= { error: this.#make() }
    return this.#made.error
  }
}
