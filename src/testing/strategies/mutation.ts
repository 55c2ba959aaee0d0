import type { Source } from '../choices.ts'
import type { Rng } from '../rng.ts'
import { isFault, kindOf } from '../stream.ts'
import type { Tape } from '../tape.ts'
import { deviation } from './uniform.ts'

const MOST_EDITS = 4
/** Larger than what most decisions choose from: taken modulo, any answer is about as likely. */
const LARGE = 2 ** 20
/** A tape knows nothing of streams in which all was boring; how often they deviate. */
const BEYOND_RATES = [0, 1 / 64, 1 / 16] as const

/** A tape of the corpus with a few decisions changed, and now and then one beyond its end. */
export function mutation(rng: Rng, corpus: readonly [Tape, ...Tape[]]): Source {
  const tape = new Map([...rng.pick(corpus)].map(([stream, values]) => [stream, [...values]]))
  const other = rng.pick(corpus)
  for (let edits = 1 + rng.below(MOST_EDITS); edits > 0; edits--) edit(rng, tape, other)
  const rate = rng.pick(BEYOND_RATES)
  const faultRate = rng.pick(BEYOND_RATES)
  return (stream, at, n) => {
    const recorded = tape.get(stream)?.[at]
    if (recorded !== undefined) return recorded
    return rng.chance(isFault(kindOf(stream)) ? faultRate : rate) ? deviation(rng, n) : 0
  }
}

function edit(rng: Rng, tape: Map<string, number[]>, other: Tape): void {
  const streams = [...tape.keys(), ...other.keys()]
  const [first, ...rest] = streams
  if (first === undefined) return
  const stream = rng.pick([first, ...rest])
  const values = tape.get(stream) ?? []
  tape.set(stream, values)
  const at = rng.below(values.length + 1)
  switch (rng.pick(['change', 'zero', 'insert', 'delete', 'splice'])) {
    case 'change':
      values[at] = rng.below(LARGE)
      break
    case 'zero':
      values[at] = 0
      break
    case 'insert':
      values.splice(at, 0, rng.below(LARGE))
      break
    case 'delete':
      values.splice(at, 1 + rng.below(2))
      break
    case 'splice':
      values.splice(at, Infinity, ...(other.get(stream) ?? []).slice(at))
      break
  }
}
