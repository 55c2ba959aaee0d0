import type { Decision, Source } from '../choices.ts'
import type { Rng } from '../rng.ts'
import { isFault, kindOf } from '../stream.ts'
import type { Tape } from '../tape.ts'
import { boring } from './boring.ts'
import { mutation } from './mutation.ts'
import { pct } from './pct.ts'
import { swarm } from './swarm.ts'
import { uniform } from './uniform.ts'

export type Strategy = 'boring' | 'swarm' | 'pct' | 'uniform' | 'mutation'

/** Four parts swarm, three PCT, two uniform, one mutation, well mixed. */
const TURNS: readonly Strategy[] = [
  'swarm',
  'pct',
  'uniform',
  'swarm',
  'mutation',
  'pct',
  'swarm',
  'uniform',
  'pct',
  'swarm',
]

/** Which strategy has this trial. Trial 0 is the happy path. */
export const strategyFor = (index: number): Strategy =>
  index === 0 ? 'boring' : (TURNS[(index - 1) % TURNS.length] ?? 'swarm')

/**
 * The answers for trial `index`: the same ones for the same generator and corpus, whatever was
 * drawn before. `happy` is what trial 0 decided; it says how long trials are.
 */
export function sourceFor(
  index: number,
  rng: Rng,
  corpus: readonly Tape[],
  happy: readonly Decision[],
): Source {
  const own = rng.split(index)
  switch (strategyFor(index)) {
    case 'boring':
      return boring
    case 'swarm':
      return swarm(own)
    case 'uniform':
      return uniform(own)
    case 'pct':
      return pct(own, {
        // Depth 1 is a random order of whoever can move; more change points dilute each other.
        depth: 1 + own.below(4),
        steps: count(happy, kind => kind === 'schedule'),
        faults: count(happy, isFault),
      })
    case 'mutation': {
      const [first, ...rest] = corpus
      return first === undefined ? swarm(own) : mutation(own, [first, ...rest])
    }
  }
}

const count = (decisions: readonly Decision[], counts: (kind: string) => boolean): number =>
  decisions.filter(({ stream }) => counts(kindOf(stream))).length
