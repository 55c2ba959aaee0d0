/** Of singletons whose new run cancels the one before: the run that waits for that one to end. */
export class Heirs {
  readonly #bySingle = new Map<string, string>()
  readonly #byRun = new Map<string, string>()

  of(single: string): string | undefined {
    return this.#bySingle.get(single)
  }

  add(single: string, run: string): void {
    this.#bySingle.set(single, run)
    this.#byRun.set(run, single)
  }

  /** It has begun, or ended. */
  remove(run: string): void {
    const single = this.#byRun.get(run)
    if (single === undefined) return
    this.#byRun.delete(run)
    if (this.#bySingle.get(single) === run) this.#bySingle.delete(single)
  }
}
