import type { Decision } from '../choices.ts'
import { kindOf } from '../stream.ts'
import type { Tape } from '../tape.ts'

/** Of a decision with more answers than this, the powers of two and the last stand for all. */
const MOST_ANSWERS = 16

/**
 * Tapes in which exactly one decision of the happy path deviates, one for each of its answers. The
 * kinds take turns, so that each is tried early. Orders and data are left to chance.
 */
export function singleFaults(happy: readonly Decision[]): Tape[] {
  const kinds = new Map<string, Tape[]>()
  const drawn = new Map<string, number>()
  for (const { stream, n } of happy) {
    const at = drawn.get(stream) ?? 0
    drawn.set(stream, at + 1)
    const kind = kindOf(stream)
    if (kind === 'schedule' || kind === 'data') continue
    const tapes = kinds.get(kind) ?? []
    kinds.set(kind, tapes)
    for (const value of deviations(n))
      tapes.push(new Map([[stream, [...new Array<number>(at).fill(0), value]]]))
  }
  const turns = [...kinds.values()]
  const most = Math.max(0, ...turns.map(tapes => tapes.length))
  return Array.from({ length: most }, (_, turn) => turns.flatMap(tapes => tapes[turn] ?? [])).flat()
}

function deviations(n: number): number[] {
  if (n <= MOST_ANSWERS) return Array.from({ length: n - 1 }, (_, index) => index + 1)
  const values: number[] = []
  for (let value = 1; value < n - 1; value *= 2) values.push(value)
  return [...values, n - 1]
}
