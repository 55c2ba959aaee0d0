import { EngineError } from '../define/error.ts'

/** Longer runs are written as several, so that no text of a few letters fills the memory. */
export const LONGEST_RUN = 1_000_000

/** Characters of names that are written otherwise; the grammar is in tape.ts. */
export const ESCAPES: Readonly<Record<string, string>> = { '/': '_', _: '~_', ':': '~C', '.': '~D' }

/** Reads the parts of one printed stream from the left. `text` is the whole, for the error. */
export class TapeReader {
  readonly #part: string
  readonly #text: string
  #at = 0

  constructor(part: string, text: string) {
    this.#part = part
    this.#text = text
  }

  take(length: number): string {
    const taken = this.#part.slice(this.#at, this.#at + length)
    if (taken.length < length) throw unreadable(this.#text, `'${this.#part}' ends too early`)
    this.#at += length
    return taken
  }

  values(): number[] {
    const values: number[] = []
    while (!/[A-Z]/.test(this.#part.charAt(this.#at))) {
      const sign = this.take(1)
      if (sign === '-') addZeros(values, this.#number(1))
      else if (sign === '_') addZeros(values, this.#number(this.#number(1)))
      else if (sign === '~') values.push(this.#number(this.#number(1)))
      else values.push(this.#digits(sign))
    }
    return values
  }

  name(before: string): string {
    const [, shared] = /^~([0-9a-z])/.exec(this.#part.slice(this.#at)) ?? []
    let name = ''
    if (shared !== undefined) {
      this.#at += 2
      name = before.slice(0, this.#digits(shared))
    }
    while (this.#at < this.#part.length) name += this.#char()
    return name
  }

  #char(): string {
    const char = this.take(1)
    if (char !== '~') return char === '_' ? '/' : char
    const escaped = char + this.take(1)
    if (escaped === '~U') return String.fromCharCode(Number.parseInt(this.take(4), 16))
    const meant = Object.keys(ESCAPES).find(plain => ESCAPES[plain] === escaped)
    if (meant === undefined) throw unreadable(this.#text, `it has no character '${escaped}'`)
    return meant
  }

  #number(length: number): number {
    return this.#digits(this.take(length))
  }

  #digits(digits: string): number {
    const value = Number.parseInt(digits, 36)
    if (!/^[0-9a-z]+$/.test(digits) || !Number.isSafeInteger(value))
      throw unreadable(this.#text, `'${digits}' is no number`)
    return value
  }
}

function addZeros(values: number[], count: number): void {
  for (let left = Math.min(count, LONGEST_RUN); left > 0; left--) values.push(0)
}

export const unreadable = (text: string, reason: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `This is no schedule that can be replayed: ${reason}.`, {
    hint: 'Copy the whole text that the failure printed, from "p1." on, without spaces.',
    facts: { text, reason },
  })
