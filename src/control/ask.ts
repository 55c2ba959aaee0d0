/** What one ask has been answered so far. */
export class Ask {
  readonly id: number
  /** As it is sent. */
  readonly line: string
  readonly result: Promise<unknown>
  readonly done: (value: unknown) => void
  readonly fail: (error: Error) => void
  /** Nobody wants the answer any more. */
  isStopped = false
  readonly #pages: (readonly unknown[])[] = []
  #wake: (() => void) | undefined
  #isOver = false

  constructor(id: number, line: string) {
    this.id = id
    this.line = line
    const { promise, resolve, reject } = withResolvers()
    this.result = promise
    // A list that is given up is no unhandled rejection.
    promise.then(this.#over, this.#over)
    this.done = resolve
    this.fail = reject
  }

  add(page: readonly unknown[]): void {
    if (this.isStopped) return
    this.#pages.push(page)
    this.#wake?.()
  }

  async nextPage(): Promise<readonly unknown[] | undefined> {
    while (this.#pages.length === 0 && !this.#isOver) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    const page = this.#pages.shift()
    if (page === undefined) await this.result
    return page
  }

  readonly #over = (): void => {
    this.#isOver = true
    this.#wake?.()
  }
}

function withResolvers(): {
  promise: Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: Error) => void
} {
  let resolve: (value: unknown) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
