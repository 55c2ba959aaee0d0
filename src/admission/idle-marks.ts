import * as debounce from './debounce.ts'
import * as idempotency from './idempotency.ts'
import { type LimitId, parseLimitId } from './limit-id.ts'
import type { Marks } from './marks.ts'
import { isOver } from './pause.ts'
import * as rateLimit from './rate-limit.ts'
import type { Rulebook } from './rulebook.ts'
import * as throttle from './throttle.ts'

/**
 * Looks at all marks, and gives those that say nothing any more: a window has passed, a pause is
 * over.
 * Gives `undefined` for the others, so that one can stop in between. A policy that is gone may come
 * back with a deploy that is taken back: what it remembers is kept as long as it would have mattered.
 */
export function* idleMarks(
  marks: Marks,
  rules: Rulebook,
  now: number,
): Generator<string | undefined> {
  for (const [id, state] of marks.entries()) {
    const limit = parseLimitId(id)
    const says = limit === undefined ? !isOver(id, state, now) : !isIdle(limit, state, rules, now)
    yield says ? undefined : id
  }
}

// What belongs to a workflow that is not known may be known at the next opening.
function isIdle({ kind, owner }: LimitId, state: unknown, rules: Rulebook, now: number): boolean {
  if (!rules.knows(owner)) return false
  const flow = rules.flowOf(owner)
  switch (kind) {
    case 'rate':
      return rateLimit.isIdle(state as rateLimit.RateLimitState, flow?.rateLimit, now)
    case 'idempotency':
      return idempotency.isIdle(state as idempotency.IdempotencyState, flow?.idempotency, now)
    case 'debounce':
      return debounce.isIdle(state as debounce.DebounceState, now)
    case 'throttle':
      return throttle.isIdle(state as throttle.ThrottleState, flow?.throttle, now)
    case 'run':
    case 'step':
    case 'singleton':
    case 'batch':
      return false
    default:
      return kind satisfies never
  }
}
