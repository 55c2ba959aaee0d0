import type { Source } from '../choices.ts'
import type { Rng } from '../rng.ts'
import { isFault, kindOf } from '../stream.ts'
import { swarm } from './swarm.ts'
import { deviation } from './uniform.ts'

export interface PctOptions {
  /** How many orderings a bug needs to show; there are `depth - 1` change points. Default 3. */
  readonly depth?: number
  /** About how many decisions of the stream `schedule` a trial makes, at least 1. */
  readonly steps: number
  /** About how many decisions on faults a trial makes. */
  readonly faults: number
}

/** At so many places at most, a fault strikes. */
const MOST_FAULTS = 3

/**
 * Probabilistic concurrency testing: whoever can move gets a random priority when first seen, and
 * the highest moves. At `depth - 1` random moments the one about to move falls below all others.
 * A bug that `depth` ordered moves of n movers in k steps reveal is found with a probability of at
 * least 1 / (n * k ** (depth - 1)): most bugs need few, and each trial tries few at random.
 *
 * Faults strike at a few random places; all the rest is as in `swarm`.
 */
export function pct(rng: Rng, { depth = 3, steps, faults }: PctOptions): Source {
  const schedule = priorities(rng.split('schedule'), depth - 1, steps)
  const fault = fewPlaces(rng.split('faults'), faults)
  const rest = swarm(rng.split('rest'))
  return (stream, at, n, labels) => {
    const kind = kindOf(stream)
    if (kind === 'schedule') return schedule(stream, at, n, labels)
    return (isFault(kind) ? fault : rest)(stream, at, n, labels)
  }
}

/** What fell at the i-th change point has priority i; all others are above. By chance without labels. */
function priorities(rng: Rng, changes: number, steps: number): Source {
  const moments = Array.from({ length: changes }, () => rng.below(Math.max(1, steps)))
  const known = new Map<string, number>()
  const priority = (mover: string): number => {
    const old = known.get(mover)
    if (old !== undefined) return old
    const given = changes + rng.below(2 ** 31)
    known.set(mover, given)
    return given
  }
  let step = 0
  return (_, __, n, movers) => {
    if (movers === undefined) return rng.below(n)
    const highest = (): number =>
      movers.reduce((best, mover, at) => (priority(mover) > priority(movers[best]!) ? at : best), 0)
    for (const [change, moment] of moments.entries())
      if (moment === step) known.set(movers[highest()]!, change)
    step++
    return highest()
  }
}

function fewPlaces(rng: Rng, decisions: number): Source {
  const places = Array.from({ length: rng.below(MOST_FAULTS + 1) }, () =>
    rng.below(Math.max(1, decisions)),
  )
  let drawn = 0
  return (_, __, n) => (places.includes(drawn++) ? deviation(rng, n) : 0)
}
