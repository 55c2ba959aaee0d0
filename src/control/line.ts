const LF = 10
/** What is kept for the next line once one is whole. */
const KEPT = 1 << 16

/** Cuts bytes that arrive in pieces into lines, none longer than allowed. */
export class LineCutter {
  readonly #most: number
  /** Of the line that is not whole yet. One piece of memory, however small the pieces that came. */
  #begun = Buffer.alloc(0)
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
      yield this.#whole(bytes.subarray(from, end))
      from = end + 1
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from))
  }

  #whole(end: Buffer): string {
    if (this.#length === 0) {
      this.#mustFit(end.length)
      return end.toString()
    }
    this.#keep(end)
    const line = this.#begun.toString('utf8', 0, this.#length)
    this.#length = 0
    if (this.#begun.length > KEPT) this.#begun = Buffer.alloc(0)
    return line
  }

  #keep(piece: Buffer): void {
    const length = this.#length + piece.length
    this.#mustFit(length)
    if (length > this.#begun.length) {
      const wider = Buffer.alloc(Math.min(this.#most, Math.max(2 * this.#begun.length, length)))
      this.#begun.copy(wider, 0, 0, this.#length)
      this.#begun = wider
    }
    piece.copy(this.#begun, this.#length)
    this.#length = length
  }

  #mustFit(length: number): void {
    if (length <= this.#most) return
    this.#begun = Buffer.alloc(0)
    this.#length = 0
    throw new RangeError(`a line is longer than ${this.#most} bytes`)
  }
}
