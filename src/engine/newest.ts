/** Names that are remembered one by one. */
const MOST = 10_000

/** When the newest event of each name was stored: of the names that are used, up to a limit. */
export class Newest {
  // In the order of their newest events.
  readonly #at = new Map<string, number>()
  readonly #most: number
  /** Names that are not here had their newest event then, or before. */
  #others: number

  /** Of events stored up to `opened` nothing is known. */
  constructor(opened: number, most = MOST) {
    this.#others = opened
    this.#most = most
  }

  note(name: string, at: number): void {
    this.#at.delete(name)
    this.#at.set(name, at)
    if (this.#at.size <= this.#most) return
    for (const [oldest, itsNewest] of this.#at) {
      this.#at.delete(oldest)
      this.#others = Math.max(this.#others, itsNewest)
      return
    }
  }

  /** Whether an event of this name may have been stored since then. */
  mayHave(name: string, since: number): boolean {
    return since <= this.#others || (this.#at.get(name) ?? Number.NEGATIVE_INFINITY) >= since
  }
}
