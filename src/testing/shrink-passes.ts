import { KINDS, kindOf } from './stream.ts'
import type { Tape } from './tape.ts'

/**
 * Proposes smaller tapes, one at a time. It is told the smallest failing tape after each: the
 * proposal itself, or less, if that failed.
 */
export type Pass = (tape: Tape) => Generator<Tape, void, Tape>

/** All streams, then those of one kind, then one at a time; the most disturbing kinds first. */
export function* fewerStreams(tape: Tape): ReturnType<Pass> {
  let current = yield new Map()
  const streams = inOrder(tape)
  for (const kind of new Set(streams.map(kindOf)))
    current = yield without(current, stream => kindOf(stream) === kind)
  for (const stream of streams)
    if (current.has(stream)) current = yield without(current, other => other === stream)
}

/**
 * Parts of a stream are cut out or made boring: halves, then quarters, down to one decision. Small
 * ones begin anywhere: with a crash goes what was repeated because of it.
 */
export function* chunks(tape: Tape): ReturnType<Pass> {
  let current = tape
  for (const stream of inOrder(tape)) {
    const length = (): number => current.get(stream)?.length ?? 0
    for (let size = length(); size >= 1; size = size <= SMALL ? size - 1 : Math.floor(size / 2)) {
      const stride = size <= SMALL ? 1 : size
      for (let start = length() - size; start > -size; start -= stride) {
        const at = Math.max(0, start)
        const cut = (...fill: number[]): Tape => replaced(current, stream, at, size, fill)
        const before = length()
        current = yield cut()
        if (length() < before) continue
        if (valuesOf(current, stream, at, size).some(value => value !== 0))
          current = yield cut(...new Array<number>(size).fill(0))
      }
    }
  }
}

const SMALL = 4

/** Each value becomes 0, 1, less by half, by a quarter, down to by one, as long as that helps. */
export function* lowerValues(tape: Tape): ReturnType<Pass> {
  let current = tape
  for (const stream of inOrder(tape)) {
    for (let at = (current.get(stream)?.length ?? 0) - 1; at >= 0; at--) {
      let value: number
      do {
        value = current.get(stream)?.[at] ?? 0
        for (const lower of lowerThan(value))
          if (lower < (current.get(stream)?.[at] ?? 0))
            current = yield replaced(current, stream, at, 1, [lower])
      } while ((current.get(stream)?.[at] ?? 0) < value)
    }
  }
}

/**
 * Two decisions at once, where one alone no longer fails: both boring, or one boring and a
 * decision of another stream cut out, as what comes after it has moved.
 */
export function* pairs(tape: Tape): ReturnType<Pass> {
  let current = tape
  const places = placesOf(tape)
  for (const [index, first] of places.entries()) {
    for (const second of places.slice(index + 1)) {
      const { stream, at } = second
      const boring = replaced(current, first.stream, first.at, 1, [0])
      current = yield replaced(boring, stream, at, 1, [0])
    }
    for (const [stream, values] of inStreams(tape)) {
      if (stream === first.stream) continue
      for (let at = 0; at < values.length; at++) {
        const boring = replaced(current, first.stream, first.at, 1, [0])
        current = yield replaced(boring, stream, at, 1, [])
      }
    }
  }
}

interface Place {
  readonly stream: string
  readonly at: number
}

const placesOf = (tape: Tape): Place[] =>
  inStreams(tape).flatMap(([stream, values]) =>
    values.flatMap((value, at) => (value === 0 ? [] : [{ stream, at }])),
  )

const inStreams = (tape: Tape): [string, readonly number[]][] =>
  inOrder(tape).map(stream => [stream, tape.get(stream) ?? []])

/** Streams of unknown kinds count as faults that are less disturbing than the known ones. */
function inOrder(tape: Tape): string[] {
  const kinds: readonly string[] = KINDS
  const rank = (stream: string): number => {
    const at = kinds.indexOf(kindOf(stream))
    return at < 0 ? kinds.indexOf('outcome') - 0.5 : at
  }
  return [...tape.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

function lowerThan(value: number): Set<number> {
  const lower = new Set([0, 1])
  for (let gap = Math.floor(value / 2); gap >= 1; gap = Math.floor(gap / 2)) lower.add(value - gap)
  return lower
}

const without = (tape: Tape, drops: (stream: string) => boolean): Tape =>
  new Map([...tape].filter(([stream]) => !drops(stream)))

const valuesOf = (tape: Tape, stream: string, at: number, size: number): readonly number[] =>
  (tape.get(stream) ?? []).slice(at, at + size)

function replaced(
  tape: Tape,
  stream: string,
  at: number,
  size: number,
  fill: readonly number[],
): Tape {
  const values = tape.get(stream)
  if (values === undefined || at >= values.length) return tape
  return new Map(tape).set(stream, values.toSpliced(at, size, ...fill))
}
