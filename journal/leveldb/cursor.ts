/** Thrown where bytes end early or a number is larger than any real one. */
export class Malformed extends Error {}

/** Reads LevelDB's variable-length encoding from front to back. */
export class Cursor {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /**
   * Seven bits a byte, lowest first, the high bit set on all but the last. LevelDB never writes more
   * bytes than needed; a flipped high bit can look like that.
   */
  varint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 56; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * factor
      if (byte === 0 && factor > 1) malformed('number longer than needed')
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : malformed('number too large')
    }
    return malformed('number cut short or too large')
  }

  take(length: number): Uint8Array {
    const from = this.#at
    this.skip(length)
    return this.#bytes.subarray(from, this.#at)
  }

  /** As `take`, for who counts: a view of each part would be most of the work. */
  skip(length: number): void {
    const end = this.#at + length
    if (end > this.#bytes.length) malformed('bytes cut short')
    this.#at = end
  }

  /** Bytes preceded by their length. */
  prefixed(): Uint8Array {
    return this.take(this.varint())
  }
}

export function malformed(what: string): never {
  throw new Malformed(what)
}
