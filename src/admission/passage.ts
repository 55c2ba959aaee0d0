import { hash } from 'node:crypto'
import { limitId, parseLimitId } from './limit-id.ts'
import { rankOf as rankAt } from './priority.ts'
import type { Request } from './request.ts'
import { concurrencyIds } from './rulebook.ts'
import type { StepClaim } from './step-lane.ts'

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

/** The lane of those that come under the same limits. */
const laneOf = (workflow: string, limits: readonly string[], holds: readonly string[]): string =>
  hash('sha256', JSON.stringify([workflow, limits, holds]), 'base64url').slice(0, LANE_LENGTH)

/** What a run must pass to begin, and what it will hold: `also` is held beside its concurrency. */
export function passageOf(request: Request, also: readonly string[]): Passage {
  const { workflow } = request
  const limits = [...concurrencyIds(request, 'step'), ...throttleIds(request)]
  const holds = [...concurrencyIds(request, 'run'), ...also]
  return { workflow, limits, holds, lane: laneOf(workflow, limits, holds) }
}

/** Where a run stands in its lane: when it came, less the seconds that it is given. */
export const rankOf = ({ flow, now, resultOf }: Request): number =>
  rankAt(now.at, flow.priority && resultOf(flow.priority))

/** What the steps of a run come under: the limits of steps, and whatever else may be paused. */
export const stepClaim = (request: Request): Omit<StepClaim, 'workflow'> => ({
  limits: [...new Set([...concurrencyIds(request, 'step'), ...keyedIds(request)])],
  rank: rankAt(request.ts, request.flow.priority && request.resultOf(request.flow.priority)),
})

/** Ids of the limits that a run shares with those of the same keys. */
export const keyedIds = (request: Request): string[] =>
  [
    ...concurrencyIds(request, 'step'),
    ...concurrencyIds(request, 'run'),
    ...throttleIds(request),
  ].filter(id => parseLimitId(id)?.keyText !== '')

/** Ids of the limits that the beginning of a run must pass. */
function throttleIds({ flow, workflow, textOf }: Request): string[] {
  const { throttle } = flow
  const value = throttle && textOf(throttle.key)
  if (value === undefined) return []
  return [limitId({ kind: 'throttle', owner: workflow, keyText: throttle?.key?.text ?? '', value })]
}
