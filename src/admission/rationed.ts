import type { Idempotency } from '../define/flow/idempotency.ts'
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
  for (const each of [rated, first]) if (each !== undefined) marks.set(each.id, each.state)
  return undefined
}

/** The first of its key is a part of another run. */
export function standsFor(request: Request, run: string, marks: Memory): void {
  const first = once(request, marks)
  if (first?.state.run === request.run) marks.set(first.id, { ...first.state, run })
}

/** The first of its key never begins: the key is free for the next. */
export function giveBack(request: Request, marks: Memory): void {
  const { idempotency: rule } = request.flow
  const id = rule && onceId(request, rule)
  const first = id === undefined ? undefined : (marks.get(id) as IdempotencyState | undefined)
  if (id !== undefined && first?.run === request.run) marks.set(id, undefined)
}

function onceId({ workflow, textOf }: Request, { key }: Idempotency): string | undefined {
  const value = textOf(key)
  if (value === undefined) return undefined
  return limitId({ kind: 'idempotency', owner: workflow, keyText: key.text, value })
}

function rate({ flow, workflow, now, textOf }: Request, marks: Memory) {
  const { rateLimit: rule } = flow
  const value = rule && textOf(rule.key)
  if (rule === undefined || value === undefined) return undefined
  const id = limitId({ kind: 'rate', owner: workflow, keyText: rule.key?.text ?? '', value })
  const state = marks.get(id) as RateLimitState | undefined
  return { id, ...rateLimit(state, rule, now.elapsed) }
}

function once(request: Request, marks: Memory) {
  const { run, now, flow } = request
  const { idempotency: rule } = flow
  const id = rule && onceId(request, rule)
  if (rule === undefined || id === undefined) return undefined
  const state = marks.get(id) as IdempotencyState | undefined
  return { id, ...idempotency(state, rule, run, now.elapsed) }
}
