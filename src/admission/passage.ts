import { hash } from 'node:crypto'
import { limitId } from './limit-id.ts'
import { rankOf as rankAt } from './priority.ts'
import type { Request } from './request.ts'
import { type Bound, concurrencyBounds } from './rulebook.ts'

/** What a run that wants to begin must pass, and what it will hold. */
export interface Passage {
  readonly workflow: string
  readonly lane: string
  /** Ids of the limits that it must pass once. */
  readonly limits: readonly string[]
  /** Ids of those that it holds until it ends. */
  readonly holds: readonly string[]
}

const LANE_LENGTH = 22

/** The passage of a run whose keys have been evaluated. */
export class RunPassage implements Passage {
  readonly workflow: string
  readonly limits: readonly string[]
  readonly holds: readonly string[]
  /** Ids of what its steps come under: the limits of steps, and whatever else may be paused. */
  readonly stepLimits: readonly string[]
  #lane: string | undefined

  /** `also` is held beside its concurrency. */
  constructor(request: Request, also: readonly string[]) {
    const steps = concurrencyBounds(request, 'step').map(idOf)
    const runs = concurrencyBounds(request, 'run')
    const throttles = throttleBounds(request)
    this.workflow = request.workflow
    this.limits = [...steps, ...throttles.map(idOf)]
    this.holds = [...runs.map(idOf), ...also]
    this.stepLimits = [...new Set([...steps, ...keyedIn(runs), ...keyedIn(throttles)])]
  }

  /** The lane of those that come under the same limits. Made when asked for: few have to wait. */
  get lane(): string {
    this.#lane ??= laneOf(this)
    return this.#lane
  }
}

const laneOf = ({ workflow, limits, holds }: Omit<Passage, 'lane'>): string =>
  hash('sha256', JSON.stringify([workflow, limits, holds]), 'base64url').slice(0, LANE_LENGTH)

/** Where a run stands in its lane: when it came, less the seconds that it is given. */
export const rankOf = (request: Request): number => rankAt(request.now.at, priorityOf(request))

/** Where steps of a run stand: as the run does among those that wait, so that both go in one order. */
export const stepRank = (request: Request): number => rankAt(request.ts, priorityOf(request))

/** Ids of the limits that a run shares with those of the same keys. */
export const keyedIds = (request: Request): string[] => [
  ...keyedIn(concurrencyBounds(request, 'step')),
  ...keyedIn(concurrencyBounds(request, 'run')),
  ...keyedIn(throttleBounds(request)),
]

function priorityOf(request: Request): unknown {
  const { priority } = request.flow
  return priority && request.resultOf(priority)
}

const idOf = ({ id }: Bound): string => id
const keyedIn = (bounds: readonly Bound[]): string[] =>
  bounds.filter(({ isKeyed }) => isKeyed).map(idOf)

/** What the beginning of a run must pass. */
function throttleBounds(request: Request): Bound[] {
  const { flow, workflow } = request
  const { throttle } = flow
  const value = throttle && request.textOf(throttle.key)
  if (value === undefined) return []
  const key = throttle?.key
  const id = limitId({ kind: 'throttle', owner: workflow, keyText: key?.text ?? '', value })
  return [{ id, isKeyed: key !== undefined }]
}
