import { createHash } from 'node:crypto'

/** Chance that every replay finds again: drawn from the run's seed and a counter. */
export class Chance {
  readonly #seed: string
  #drawn = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  random(): number {
    return this.#draw().readUIntBE(0, 6) / 2 ** 48
  }

  uuid(): string {
    const bytes = this.#draw()
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const hex = bytes.toString('hex', 0, 16)
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
    return `${parts.join('-')}-${hex.slice(20, 32)}`
  }

  #draw(): Buffer {
    return digest(this.#seed, 'draw', this.#drawn++)
  }
}

/** A number from 0 up to 1 that belongs to these words. */
export const chanceOf = (...words: readonly (string | number)[]): number =>
  digest(...words).readUIntBE(0, 6) / 2 ** 48

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const KEY_DIGITS = 26

/** One key for all attempts of a step, in every process that ever runs it. */
export function idempotencyKey(seed: string, stepId: string): string {
  const bytes = digest(seed, 'step', stepId)
  let key = ''
  for (let at = 0; at < KEY_DIGITS; at++) key += ALPHABET.charAt((bytes[at] ?? 0) % 32)
  return key
}

/** The id of an event that a step sends, the same in every replay. */
export const eventId = (seed: string, stepId: string, n: number): string =>
  `evt_${digest(seed, 'event', stepId, n).toString('hex', 0, 16)}`

// As JSON, since ids hold slashes: words joined with one would be other words' as well.
const digest = (...words: readonly (string | number)[]): Buffer =>
  createHash('sha256').update(JSON.stringify(words)).digest()
