/**
 * Ids of runs that somebody is about to start: one at a time, in the order in which they asked, lest
 * two find that there is no run.
 */
export class Claims {
  /** Those who wait for an id that is taken. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** Waits until nobody else has the id. Returns how to let it go. */
  async take(id: string): Promise<() => void> {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) this.#waiting.set(id, [])
    // It is handed over: nobody else can take it before.
    else await new Promise<void>(go => waiting.push(go))
    return () => this.#letGo(id)
  }

  #letGo(id: string): void {
    const next = this.#waiting.get(id)?.shift()
    if (next === undefined) this.#waiting.delete(id)
    else next()
  }
}
