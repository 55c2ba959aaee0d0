const LF = 10

/** Cuts bytes that arrive in pieces into lines, none longer than allowed. */
export class LineCutter {
  readonly #most: number
  #pieces: Buffer[] = []
  #length = 0

  constructor(most: number) {
    this.#most = most
  }

  /** The lines that are whole now, without their ends. Throws RangeError once one is too long. */
  *cut(bytes: Buffer): Generator<string> {
    let from = 0
    for (;;) {
      const end = bytes.indexOf(LF, from)
      if (end === -1) break
      this.#keep(bytes.subarray(from, end))
      const line = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces)
      this.#pieces = []
      this.#length = 0
      yield line?.toString() ?? ''
      from = end + 1
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from))
  }

  #keep(piece: Buffer): void {
    this.#length += piece.length
    if (this.#length > this.#most) {
      this.#pieces = []
      throw new RangeError(`a line is longer than ${this.#most} bytes`)
    }
    this.#pieces.push(piece)
  }
}
