import { gatheredIn, isOurs } from './thrown.ts'

/**
 * The errors that the engine itself gave to the code of a run: steps that failed for good, calls and
 * values that it refused. They say what is recorded or how the code is written, so that code which is
 * repeated is given them again.
 */
export class Given {
  // Made when it is needed: most runs are given none.
  #errors: WeakSet<object> | undefined

  note<Thrown>(thrown: Thrown): Thrown {
    if (isObject(thrown) && isOurs(thrown, 'PerdureError')) {
      this.#errors ??= new WeakSet()
      this.#errors.add(thrown)
    }
    return thrown
  }

  /** Whether trying again is of no use: it was given, or all that it gathers (`Promise.any`) was. */
  isFinal(thrown: unknown): boolean {
    const gathered = gatheredIn(thrown)
    return this.#has(thrown) || (gathered.length > 0 && gathered.every(each => this.#has(each)))
  }

  #has(thrown: unknown): boolean {
    return isObject(thrown) && this.#errors?.has(thrown) === true
  }
}

const isObject = (thrown: unknown): thrown is object =>
  typeof thrown === 'object' && thrown !== null
