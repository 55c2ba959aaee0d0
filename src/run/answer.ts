/**
 * The promise a step call returns. It notices being awaited, so that a call nobody waits for can be
 * named when the code ends.
 */
export class Answer<Value> extends Promise<Value> {
  #onAwaited: (() => void) | undefined

  // Promises derived from an answer are ordinary ones.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  static open<Value>(onAwaited: () => void): OpenAnswer<Value> {
    let resolve!: (value: Value) => void
    let reject!: (error: unknown) => void
    const answer = new Answer<Value>((yes, no) => {
      resolve = yes
      reject = no
    })
    answer.#onAwaited = onAwaited
    return {
      answer,
      resolve,
      reject(error) {
        // What nobody awaits must not bring the process down as an unhandled rejection.
        if (answer.#onAwaited !== undefined)
          void Promise.prototype.then.call(answer, null, () => {})
        reject(error)
      },
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: noticing `then` is what this class is for.
  override then<A = Value, B = never>(
    onValue?: ((value: Value) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#onAwaited?.()
    this.#onAwaited = undefined
    return super.then(onValue, onError)
  }
}

export interface OpenAnswer<Value> {
  readonly answer: Answer<Value>
  resolve(value: Value): void
  reject(error: unknown): void
}
