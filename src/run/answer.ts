/**
 * The promise a step call returns. It notices being awaited, so that a call nobody waits for can be
 * named when the code ends.
 */
export class Answer<Value> extends Promise<Value> {
  #onAwaited: (() => void) | undefined

  // `await` does not call `then` of what says that it is an ordinary promise: that it asks is the
  // sign. Were the constructor another, it would make two promises more, and take two rounds of
  // microtasks more. Promises derived from an answer are ordinary ones for the same reason.
  static {
    Object.defineProperty(Answer.prototype, 'constructor', {
      configurable: true,
      get(this: object) {
        if (#onAwaited in this) this.#noticed()
        return Promise
      },
    })
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
        answer.#expect()
        reject(error)
      },
    }
  }

  // What nobody awaits must not bring the process down as an unhandled rejection.
  #expect(): void {
    const onAwaited = this.#onAwaited
    if (onAwaited === undefined) return
    this.#onAwaited = undefined
    void super.then(null, () => {})
    this.#onAwaited = onAwaited
  }

  #noticed(): void {
    this.#onAwaited?.()
    this.#onAwaited = undefined
  }

  // biome-ignore lint/suspicious/noThenProperty: noticing `then` is what this class is for.
  override then<A = Value, B = never>(
    onValue?: ((value: Value) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#noticed()
    return super.then(onValue, onError)
  }
}

export interface OpenAnswer<Value> {
  readonly answer: Answer<Value>
  resolve(value: Value): void
  reject(error: unknown): void
}
