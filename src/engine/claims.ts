/** Ids of runs that somebody is about to start: one at a time, lest two find that there is no run. */
export class Claims {
  readonly #taken = new Map<string, Promise<void>>()

  /** Waits until nobody else has the id. Returns how to let it go. */
  async take(id: string): Promise<() => void> {
    while (this.#taken.has(id)) await this.#taken.get(id)
    const { promise, resolve } = withResolvers()
    this.#taken.set(id, promise)
    return () => {
      this.#taken.delete(id)
      resolve()
    }
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}
