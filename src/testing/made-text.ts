const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const MORE_LETTERS = 8

export interface TextShape {
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
}

/** A text that fits; `choose(n)` gives a number from 0 up to n. Throws if it has no idea. */
export function madeText(shape: TextShape, choose: (n: number) => number): string {
  const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = shape
  const example = format === undefined ? undefined : FORMATS[format]
  if (example !== undefined) return example(choose(LETTERS.length))
  if (format !== undefined || pattern !== undefined) {
    throw new Error(`texts of ${format ?? `the pattern ${pattern}`} are hard to make up`)
  }
  const least = Math.max(minLength, Math.min(1, maxLength))
  const most = Math.min(maxLength, least + MORE_LETTERS)
  let text = ''
  const length = least + choose(most - least + 1)
  while (text.length < length) text += LETTERS.charAt(choose(LETTERS.length))
  return text
}

const letter = (n: number): string => LETTERS.charAt(n)
const digits = (n: number, width: number): string => String(n).padStart(width, '0')

const FORMATS: { readonly [format: string]: (n: number) => string } = {
  email: n => `${letter(n)}@example.com`,
  uri: n => `https://example.com/${letter(n)}`,
  uuid: n => `00000000-0000-4000-8000-${digits(n, 12)}`,
  'date-time': n => `2026-01-${digits(n + 1, 2)}T00:00:00Z`,
  date: n => `2026-01-${digits(n + 1, 2)}`,
  time: n => `${digits(n % 24, 2)}:00:00`,
  duration: n => `PT${n + 1}H`,
  ipv4: n => `192.0.2.${n + 1}`,
  ipv6: n => `2001:db8::${(n + 1).toString(16)}`,
  cidrv4: n => `192.0.2.${n + 1}/32`,
  ulid: n => digits(n, 26),
  cuid2: n => `${letter(n)}${'a'.repeat(23)}`,
  nanoid: n => `${letter(n)}${'a'.repeat(20)}`,
  base64: n => btoa(letter(n)),
  e164: n => `+1202555${digits(n, 4)}`,
  emoji: n => String.fromCodePoint(0x1f600 + n),
}
