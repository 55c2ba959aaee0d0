import type { Source } from './choices.ts'
import { type FaultDefaults, Prepared } from './prepared.ts'
import type { Breach } from './property.ts'
import { differenceWithoutCrashes } from './reference.ts'
import type { Spec } from './spec.ts'
import { Trial } from './trial.ts'
import type { TrialOptions, TrialResult } from './trial-result.ts'

/** Holds one schedule of a spec against all its properties. */
export async function examine<World>(
  spec: Spec<World>,
  defaults: FaultDefaults,
  source: Source,
  options?: TrialOptions,
): Promise<TrialResult<World>> {
  const result = await new Trial(new Prepared(spec, defaults), source, options).run()
  if (result.breach !== undefined || result.isCut) return result
  const breach = await differenceWithoutCrashes(spec, defaults, result, options)
  return breach === undefined ? result : { ...result, breach }
}

export const isSame = (one: Breach | undefined, other: Breach): boolean =>
  one?.kind === other.kind && one.name === other.name
