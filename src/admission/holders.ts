/** Which runs hold which limits until they end. */
export class Holders {
  readonly #runs = new Map<string, Set<string>>()
  readonly #held = new Map<string, readonly string[]>()

  /** The runs that hold a limit, those that have held it longest first. */
  of(limit: string): readonly string[] {
    return [...(this.#runs.get(limit) ?? [])]
  }

  count(limit: string): number {
    return this.#runs.get(limit)?.size ?? 0
  }

  /** What a run holds. */
  heldBy(run: string): readonly string[] {
    return this.#held.get(run) ?? []
  }

  hold(run: string, limits: readonly string[]): void {
    if (limits.length === 0) return
    this.#held.set(run, [...this.heldBy(run), ...limits])
    for (const limit of limits) {
      const runs = this.#runs.get(limit)
      if (runs === undefined) this.#runs.set(limit, new Set([run]))
      else runs.add(run)
    }
  }

  /** Lets go of all that a run holds, and says what that was. */
  release(run: string): readonly string[] {
    const limits = this.heldBy(run)
    this.#held.delete(run)
    for (const limit of limits) {
      const runs = this.#runs.get(limit)
      runs?.delete(run)
      if (runs?.size === 0) this.#runs.delete(limit)
    }
    return limits
  }
}
