import { isFinal } from '../../journal/lifecycle.ts'
import type { RunView } from './run-view.ts'
import type { View } from './view.ts'

/**
 * What must hold. A property fails if it returns `false` or throws, so that it may be written with
 * `expect`; `never` and `sometimes` are reached by returning something true.
 */
export interface Properties<World> {
  /** Whenever nothing moves. */
  readonly always?: Looks<World>
  /** At no moment. */
  readonly never?: Looks<World>
  /** In the end, when faults have ceased and nothing more can happen. */
  readonly eventually?: Looks<World>
  /** At some moment of some schedule: fails if it is never reached. */
  readonly sometimes?: Looks<World>
  /** Of each run that has completed. */
  readonly completed?: RunLooks<World>
  /** Of each run that has failed. */
  readonly failed?: RunLooks<World>
  /** Of each run that was cancelled. */
  readonly cancelled?: RunLooks<World>
}

interface Looks<World> {
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
): Breach | undefined {
  for (const [name, look] of Object.entries(always)) {
    const fault = faultOf(() => look(now))
    if (fault !== undefined) return { kind: 'always', name, ...fault }
  }
  for (const [name, look] of Object.entries(never)) {
    if (isReached(() => look(now))) return { kind: 'never', name, message: undefined }
  }
  return undefined
}

/** The first property that does not hold in the end. */
export function breachAtEnd<World>(
  properties: Properties<World>,
  end: View<World>,
): Breach | undefined {
  for (const [name, look] of Object.entries(properties.eventually ?? {})) {
    const fault = faultOf(() => look(end))
    if (fault !== undefined) return { kind: 'eventually', name, ...fault }
  }
  for (const run of end.runs) {
    const { status } = run
    if (!isFinal(status) || status === 'skipped') continue
    const kind = status as 'completed' | 'failed' | 'cancelled'
    for (const [name, look] of Object.entries(properties[kind] ?? {})) {
      const fault = faultOf(() => look(run, end))
      if (fault !== undefined) return { kind, name, ...fault }
    }
  }
  return undefined
}

/** Adds the names of what is reached now. */
export function noteReached<World>(
  { sometimes = {} }: Properties<World>,
  now: View<World>,
  reached: Set<string>,
): void {
  for (const [name, look] of Object.entries(sometimes)) {
    if (!reached.has(name) && isReached(() => look(now))) reached.add(name)
  }
}

function faultOf(look: () => unknown): Pick<Breach, 'message'> | undefined {
  try {
    return look() === false ? { message: undefined } : undefined
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) }
  }
}

// What cannot be looked at yet is not reached yet.
function isReached(look: () => unknown): boolean {
  try {
    return Boolean(look())
  } catch {
    return false
  }
}
