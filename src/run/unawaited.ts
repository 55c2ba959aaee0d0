import { Answer, type OpenAnswer } from './answer.ts'

/** A call that nobody has awaited yet. */
export interface UnawaitedCall {
  readonly id: string
  /** Why it could not be made, if it could not. */
  readonly refusal?: unknown
}

/** The promises that were given out for calls, as long as nobody awaits them. */
export class Unawaited {
  readonly #calls = new Set<UnawaitedCall>()

  /** In the order of the calls. */
  get first(): UnawaitedCall | undefined {
    const [first] = this.#calls
    return first
  }

  open<Value>(id: string, refused?: { readonly refusal: unknown }): OpenAnswer<Value> {
    const call = { id, ...refused }
    this.#calls.add(call)
    return Answer.open<Value>(() => this.#calls.delete(call))
  }

  /** The promise of a call that is made when it can be. */
  later<Value>(id: string, made: Promise<Value>): Promise<Value> {
    const { answer, resolve, reject } = this.open<Value>(id)
    made.then(resolve, reject)
    return answer
  }

  /** The promise of a call that cannot be made. */
  refuse(id: string, refusal: unknown): Promise<never> {
    const { answer, reject } = this.open<never>(id, { refusal })
    reject(refusal)
    return answer
  }
}
