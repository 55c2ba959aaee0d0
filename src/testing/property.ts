import { inspect } from 'node:util'
import { isFinal } from '../../journal/lifecycle.ts'
import { EngineError } from '../define/error.ts'
import { errorText } from './error-text.ts'
import { isThenable } from './real-waits.ts'
import type { RunView } from './run-view.ts'
import type { Sightings } from './sightings.ts'
import type { View } from './view.ts'

/**
 * What must hold. A property fails if it returns `false` or throws, so that it may be written with
 * `expect`; `never` and `sometimes` are reached by returning something true.
 */
export interface Properties<World> {
  /** Whenever nothing moves. */
  readonly always?: Looks<World> | undefined
  /** At no moment. */
  readonly never?: Looks<World> | undefined
  /** In the end, when faults have ceased and nothing more can happen. */
  readonly eventually?: Looks<World> | undefined
  /** At some moment of some schedule: fails if it is never reached. */
  readonly sometimes?: Looks<World> | undefined
  /** Of each run that has completed. */
  readonly completed?: RunLooks<World> | undefined
  /** Of each run that has failed. */
  readonly failed?: RunLooks<World> | undefined
  /** Of each run that was cancelled. */
  readonly cancelled?: RunLooks<World> | undefined
}

export interface Looks<World> {
  readonly [name: string]: (now: View<World>) => unknown
}

interface RunLooks<World> {
  readonly [name: string]: (run: RunView, end: View<World>) => unknown
}

/** A property that does not hold, or what must hold of every workflow. */
export interface Breach {
  /** `always`, `never`, ..., or what is wrong without any property. */
  readonly kind: string
  readonly name: string
  /** What the property threw, if it threw. */
  readonly message: string | undefined
}

/** The first property that does not hold at this moment. */
export function breachNow<World>(
  { always = {}, never = {} }: Properties<World>,
  now: View<World>,
  sightings: Sightings,
): Breach | undefined {
  for (const [name, look] of Object.entries(always)) {
    const fault = faultOf('always', name, () => look(now))
    if (fault !== undefined) return { kind: 'always', name, ...fault }
  }
  for (const [name, look] of Object.entries(never)) {
    if (sightings.isReached('never', name, look, now))
      return { kind: 'never', name, message: undefined }
  }
  return undefined
}

/** The first property that does not hold in the end. */
export function breachAtEnd<World>(
  properties: Properties<World>,
  end: View<World>,
): Breach | undefined {
  for (const [name, look] of Object.entries(properties.eventually ?? {})) {
    const fault = faultOf('eventually', name, () => look(end))
    if (fault !== undefined) return { kind: 'eventually', name, ...fault }
  }
  for (const run of end.runs) {
    const { status } = run
    if (!isFinal(status) || status === 'skipped') continue
    const kind = status as 'completed' | 'failed' | 'cancelled'
    for (const [name, look] of Object.entries(properties[kind] ?? {})) {
      const fault = faultOf(kind, name, () => look(run, end))
      if (fault !== undefined) return { kind, name, ...fault }
    }
  }
  return undefined
}

/** What must hold of every spec: no run waits for a person. */
export function parked({ runs }: View<unknown>): Breach | undefined {
  const run = runs.find(({ status }) => status === 'parked')
  if (run === undefined) return undefined
  const { error } = run
  const message = error instanceof Error ? error.message : inspect(error, { breakLength: 76 })
  return { kind: 'parked', name: `${run.workflow}: ${run.reason}`, message }
}

function faultOf(
  kind: string,
  name: string,
  look: () => unknown,
): Pick<Breach, 'message'> | undefined {
  let result: unknown
  try {
    result = look()
  } catch (error) {
    return { message: errorText(error) }
  }
  refusePromise(kind, name, result)
  return result === false ? { message: undefined } : undefined
}

/** A promise would count as true. Throws DEFINITION_INVALID. */
export function refusePromise(kind: string, name: string, result: unknown): void {
  if (!isThenable(result)) return
  result.then(undefined, () => {})
  const place = `properties.${kind}.${name}`
  throw new EngineError('DEFINITION_INVALID', `The spec is not valid. ${place}: it is async`, {
    hint: 'Properties look at what there is at one moment: return a value, not a promise.',
    facts: { place },
  })
}
