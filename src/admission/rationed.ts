import type { Skipped } from './admission.ts'
import { type IdempotencyState, idempotency } from './idempotency.ts'
import { limitId } from './limit-id.ts'
import type { Memory } from './marks.ts'
import { type RateLimitState, rateLimit } from './rate-limit.ts'
import type { Request } from './request.ts'

/** Why an arrival is skipped, if it is: its key has had its share, or its run. */
export function rationed(request: Request, marks: Memory): Skipped | undefined {
  const rated = rate(request, marks)
  if (rated?.decision.kind === 'refuse') return { kind: 'skip', reason: 'rate-limit' }
  const first = once(request, marks)
  if (first?.decision.kind === 'refuse') {
    return { kind: 'skip', reason: 'idempotency', by: first.decision.by }
  }
  // What is refused for one of them does not count for the other.
  if (rated !== undefined) marks.set(rated.id, rated.state)
  // A rate counts what comes, a key what becomes part of a run that is let in.
  if (first !== undefined) marks.claims.take(first.id, first.state)
  return undefined
}

function rate(request: Request, marks: Memory) {
  const { flow, workflow, now } = request
  const { rateLimit: rule } = flow
  const value = rule && request.textOf(rule.key)
  if (rule === undefined || value === undefined) return undefined
  const id = limitId({ kind: 'rate', owner: workflow, keyText: rule.key?.text ?? '', value })
  const state = marks.get(id) as RateLimitState | undefined
  return { id, ...rateLimit(state, rule, now.elapsed) }
}

function once(request: Request, marks: Memory) {
  const { flow, workflow, run, now } = request
  const { idempotency: rule } = flow
  const value = rule && request.textOf(rule.key)
  if (rule === undefined || value === undefined) return undefined
  const id = limitId({ kind: 'idempotency', owner: workflow, keyText: rule.key.text, value })
  const state = marks.get(id) as IdempotencyState | undefined
  return { id, ...idempotency(state, rule, run, now.elapsed) }
}
