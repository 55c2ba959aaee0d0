import type { Idempotency } from '../define/flow/idempotency.ts'

/** The run that a key stands for, and when it came: milliseconds of elapsed time. */
export interface IdempotencyState {
  readonly at: number
  readonly run: string
  /** How long it stands for it. Absent in old journals. */
  readonly period?: number
}

export type IdempotencyDecision =
  | { readonly kind: 'admit' }
  /** `by`: the run that came first. */
  | { readonly kind: 'refuse'; readonly by: string; readonly until: number }

type Rule = Pick<Idempotency, 'period'>

/** Decides about one arrival. The same run is admitted as often as it asks. */
export function idempotency(
  state: IdempotencyState | undefined,
  rule: Rule,
  run: string,
  now: number,
): { readonly state: IdempotencyState; readonly decision: IdempotencyDecision } {
  if (state === undefined || isIdle(state, rule, now)) {
    return { state: { at: now, run, period: rule.period }, decision: { kind: 'admit' } }
  }
  if (state.run === run) return { state, decision: { kind: 'admit' } }
  const until = state.at + rule.period
  return { state, decision: { kind: 'refuse', by: state.run, until } }
}

/** Whether the state says nothing any more and may be removed; without a rule, which may come back. */
export const isIdle = (
  { at, period = 0 }: IdempotencyState,
  rule: Rule | undefined,
  now: number,
): boolean => at + (rule?.period ?? period) <= now
