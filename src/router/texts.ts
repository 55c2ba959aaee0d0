/** More than these are not remembered: then they are no longer few. */
const MOST = 10_000

/** Texts of which there are few but many copies: one object for each, whoever read it from a row. */
export class Texts {
  readonly #known = new Map<string, string>()

  of(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(text, text)
    return text
  }
}
