/** Step bodies that have no code: each attempt comes to what it is told, whichever is first. */
export class Answers {
  readonly #told = new Map<string, Answer>()

  /** What an attempt comes to. Until it is told it does not end. */
  to(run: string, step: string, attempt: number): Answer {
    const key = JSON.stringify([run, step, attempt])
    const answer = this.#told.get(key) ?? new Answer()
    this.#told.set(key, answer)
    return answer
  }
}

class Answer {
  readonly promise: Promise<unknown>
  resolve: (value: unknown) => void = () => {}
  reject: (error: unknown) => void = () => {}

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Nobody may ever ask for it.
    this.promise.catch(() => {})
  }
}
