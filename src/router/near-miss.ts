import { decodeValue } from '../../journal/codec/decode.ts'
import type { Listener } from '../../journal/entry.ts'
import type { Miss } from '../define/expression/misses.ts'
import { openProgram, type Program } from '../define/expression/program.ts'
import type { EventView } from './listeners.ts'

/** An event that was listened for by name and did not fit. */
export interface NearMiss {
  readonly event: string
  readonly id: string
  readonly ts: number
  /** Where it differed from what comes closest; none if that cannot be told from single values. */
  readonly differs: readonly Miss[]
}

/** Why an event did not fit; nothing, if it does, or is another. */
export function nearMiss(
  { event: name, program, literals }: Listener,
  event: EventView,
  now: number,
): NearMiss | undefined {
  if (event.name !== name || program === undefined) return undefined
  const condition = conditionOf(program)
  const given = literals === undefined ? [] : decodeValue(literals)
  const values: readonly unknown[] = Array.isArray(given) ? given : []
  if (condition !== undefined && fits(() => condition.holds(values, event, now))) return undefined
  const differs = condition?.misses(values, event, now) ?? []
  return { event: name, id: event.id, ts: event.ts, differs }
}

/** Nothing, where it is none: another release may have stored it. */
function conditionOf(program: string): Program | undefined {
  try {
    return openProgram(program)
  } catch {
    return undefined
  }
}

function fits(holds: () => boolean): boolean {
  try {
    return holds()
  } catch {
    return false
  }
}
