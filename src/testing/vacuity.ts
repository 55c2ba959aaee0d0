import { EngineError } from '../define/error.ts'
import { NeverReached } from './report.ts'
import type { Sightings } from './sightings.ts'
import type { Spec } from './spec.ts'
import { isLike } from './typo.ts'

/** Names in `steps` that no step had. */
export const unusedSteps = (steps: object | undefined, used: ReadonlySet<string>): string[] =>
  Object.keys(steps ?? {}).filter(name => !used.has(name))

/**
 * That nothing wrong was found says nothing of what was never looked at. Throws NeverReached, and
 * DEFINITION_INVALID for what is mistyped.
 */
export function mustHaveSeen<World>(
  { properties: { sometimes = {}, never = {} } = {}, steps = {} }: Spec<World>,
  { reached, answered, threw, ran, used }: Sightings,
  schedules: number,
): void {
  for (const name of Object.keys(never)) {
    const message = threw.get(`never: ${name}`)
    if (message === undefined || answered.has(`never: ${name}`)) continue
    throw unused(`properties.never.${name}`, `it threw whenever it was asked (${message})`)
  }
  for (const name of unusedSteps(steps, used)) {
    const meant = [...ran].find(id => !used.has(id) && isLike(id, name))
    if (meant === undefined) continue
    throw unused(`steps.${name}`, `no such step ran, but '${meant}' did, without a stub`)
  }
  const missing = Object.keys(sometimes).filter(name => !reached.has(name))
  if (missing.length === 0) return
  const reasons = missing.map(name => {
    const message = threw.get(`sometimes: ${name}`)
    return answered.has(`sometimes: ${name}`) || message === undefined
      ? name
      : `${name} (it threw: ${message})`
  })
  throw new NeverReached(reasons, schedules)
}

const unused = (place: string, reason: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `The spec is not valid. ${place}: ${reason}.`, {
    hint: 'Correct the name, allow what leads there (outcomes, events, faults), or search longer.',
    facts: { place, reason },
  })
