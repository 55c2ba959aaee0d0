import { hash } from 'node:crypto'
import { rankOf as rankAt } from './priority.ts'
import type { Request } from './request.ts'
import { concurrencyIds } from './rulebook.ts'
import type { StepClaim } from './step-queue.ts'

const LANE_LENGTH = 22

/** The lane of those that come under the same limits. */
export const laneOf = (
  workflow: string,
  limits: readonly string[],
  holds: readonly string[],
): string =>
  hash('sha256', JSON.stringify([workflow, limits, holds]), 'base64url').slice(0, LANE_LENGTH)

/** Where a run stands in its lane: when it came, less the seconds that it is given. */
export const rankOf = ({ flow, now, resultOf }: Request): number =>
  rankAt(now.at, flow.priority && resultOf(flow.priority))

/** What the steps of a run come under. */
export const stepClaim = (request: Request): Omit<StepClaim, 'workflow'> => ({
  limits: concurrencyIds(request, 'step'),
  rank: rankAt(request.ts, request.flow.priority && request.resultOf(request.flow.priority)),
})
