import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Listener } from '../../journal/entry.ts'
import { openProgram, type Program } from '../define/expression/program.ts'
import type { EventView } from './listeners.ts'
import { valueAt } from './path.ts'

/** An event that was listened for by name and did not fit. */
export interface NearMiss {
  readonly event: string
  readonly id: string
  readonly ts: number
  /** Where it differed from what comes closest; none if that cannot be told from single values. */
  readonly differs: readonly Difference[]
}

export interface Difference {
  /** Such as `data.userId`. */
  readonly path: string
  readonly wanted: unknown
  readonly got: unknown
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
  const [closest = []] = (condition?.alternatives ?? [])
    .map(({ terms }) =>
      terms.flatMap(({ path, literal }) => difference(path, values[literal], valueAt(event, path))),
    )
    .sort((a, b) => a.length - b.length)
  return { event: name, id: event.id, ts: event.ts, differs: closest }
}

const difference = (
  path: readonly (string | number)[],
  wanted: unknown,
  got: unknown,
): Difference[] => (isDeepStrictEqual(wanted, got) ? [] : [{ path: path.join('.'), wanted, got }])

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
