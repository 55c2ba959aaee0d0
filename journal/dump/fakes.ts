import { createHmac } from 'node:crypto'

/** Texts of which so few letters and digits are replaced might get the same fake by chance. */
const SHORT = 12

/**
 * Stands in for texts and bytes of users: the same for the same, different for different ones, of the
 * same length and shape. Whoever does not know the secret cannot tell what a fake stands for.
 */
export class Fakes {
  readonly #secret: string
  /** Short texts by their fakes, and the other way round. */
  readonly #texts = new Map<string, string>()
  readonly #fakes = new Map<string, string>()

  constructor(secret: string) {
    this.#secret = secret
  }

  /** Letters become letters of their kind, digits digits; all else stays. */
  text(text: string): string {
    const replaced = text.match(REPLACED)?.length ?? 0
    if (replaced === 0) return text
    return replaced < SHORT ? this.#short(text) : this.#draw(text, 0)
  }

  bytes(bytes: Uint8Array): Uint8Array {
    const stream = this.#stream(`bytes ${Buffer.from(bytes).toString('base64')}`)
    return Uint8Array.from(bytes, () => stream.next().value)
  }

  #short(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    let fake = this.#draw(text, 0)
    for (let round = 1; this.#fakes.has(fake); round++) {
      fake = this.#draw(text, round)
      // There may be fewer of this shape than are needed.
      if (round > 20) fake += this.#draw('a'.repeat(round), round)
    }
    this.#texts.set(text, fake)
    this.#fakes.set(fake, text)
    return fake
  }

  #draw(text: string, round: number): string {
    const stream = this.#stream(`text ${round} ${text}`)
    return text.replace(REPLACED, letter => fakeOf(letter, stream.next().value))
  }

  *#stream(seed: string): Generator<number, never> {
    for (let block = 0; ; block++) {
      yield* createHmac('sha256', this.#secret).update(`${block} ${seed}`).digest()
    }
  }
}

const REPLACED = /\p{L}|\p{Nd}/gu

/** As many bytes of UTF-8 as the letter has. */
function fakeOf(letter: string, byte: number): string {
  if (/[0-9]/.test(letter)) return String(byte % 10)
  if (/[a-z]/.test(letter)) return String.fromCharCode(0x61 + (byte % 26))
  if (/[A-Z]/.test(letter)) return String.fromCharCode(0x41 + (byte % 26))
  const point = letter.codePointAt(0) ?? 0
  if (point < 0x800) return String.fromCodePoint(0xe0 + (byte % 23))
  return String.fromCodePoint((point < 0x10000 ? 0x4e00 : 0x20000) + byte)
}
