import { createHash } from 'node:crypto'

/** What is derived from a seed, as docs/journal-format.md says. */
export const hash = (...words: readonly (string | number)[]): Buffer =>
  createHash('sha256').update(JSON.stringify(words)).digest()

export const keyOf = (bytes: Buffer): string =>
  [...bytes.subarray(0, 26)].map(b => 'abcdefghijklmnopqrstuvwxyz234567'[b % 32]).join('')

export function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, 16).split('')
  hex[12] = '4'
  hex[16] = '89ab'[Number.parseInt(hex[16] ?? '', 16) % 4] ?? ''
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
