import { type Breach, breachAtEnd } from './property.ts'
import type { Spec } from './spec.ts'
import type { View } from './view.ts'

/** Whether it matters how schedules end. */
export const saysOfTheEnd = <World>({ properties = {} }: Spec<World>): boolean =>
  [properties.eventually, properties.completed, properties.failed, properties.cancelled].some(
    looks => looks !== undefined,
  )

/**
 * What does not hold in the end. Of what was carried on without coming to an end, for so many
 * moves, it is said that it holds `eventually` only if it holds by then; runs that have ended say
 * nothing yet of what others still may do.
 */
export function breachOfEnd<World>(
  { properties = {} }: Spec<World>,
  view: View<World>,
  endlessMoves: number | undefined,
): Breach | undefined {
  if (endlessMoves === undefined) return breachAtEnd(properties, view)
  const { eventually = {} } = properties
  const breach = breachAtEnd({ eventually }, view)
  if (breach === undefined) return undefined
  const endless = `It does not come to an end within ${endlessMoves} moves.`
  const message = breach.message === undefined ? endless : `${breach.message}\n${endless}`
  return { ...breach, message }
}
