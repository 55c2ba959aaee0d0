import { systemClock } from '../ports/clock.ts'
import { tapeSource } from './choices.ts'
import { examine, isSame } from './examine.ts'
import type { FaultDefaults } from './prepared.ts'
import type { Breach } from './property.ts'
import type { Regressions } from './regressions.ts'
import { PropertyFailed } from './report.ts'
import { type Shrunk, shrink } from './shrink.ts'
import type { Spec } from './spec.ts'
import { printTape } from './tape.ts'
import type { TrialOptions, TrialResult } from './trial-result.ts'

/** A schedule that broke a property, and how it was found. */
export interface Failing<World> {
  readonly spec: Spec<World>
  readonly defaults: FaultDefaults
  readonly trial: TrialOptions
  readonly found: TrialResult<World>
  readonly breach: Breach
  readonly schedules: number
  readonly seed: number | undefined
  readonly regressions: Regressions | undefined
  /** How long a smaller one may be looked for. */
  readonly shrinkMs: number | undefined
}

/** Schedules that may be run to find a smaller one. */
const MOST = 2_000
const MOST_MS = 10_000

/** Looks for the smallest schedule that fails in the same way, keeps it, and throws it. */
export async function throwSmallest<World>(failing: Failing<World>): Promise<never> {
  const { found, breach, schedules, seed, regressions } = failing
  const shrunk = await smallest(failing)
  const result = shrunk?.result ?? found
  const property = `${breach.kind}: ${breach.name}`
  const journal = await regressions?.keep(printTape(result.tape), property, result)
  throw new PropertyFailed({
    breach: result.breach ?? breach,
    result,
    schedules,
    shrinking: shrunk?.trials ?? 0,
    isSmallest: shrunk?.isMinimal ?? false,
    seed,
    journal,
  })
}

function smallest<World>({
  spec,
  defaults,
  trial,
  found,
  breach,
  shrinkMs = MOST_MS,
}: Failing<World>): Promise<Shrunk<TrialResult<World>> | undefined> {
  const until = systemClock.elapsed() + shrinkMs
  return shrink({
    tape: found.tape,
    budget: MOST,
    isOver: () => systemClock.elapsed() >= until,
    cost: result => [result.story.length],
    fails: async tape => {
      const result = await examine(spec, defaults, tapeSource(tape), trial)
      return isSame(result.breach, breach) ? { tape: result.tape, result } : undefined
    },
  })
}
