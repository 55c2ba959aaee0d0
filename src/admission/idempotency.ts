import type { Idempotency } from '../define/flow/idempotency.ts'

/** The run that a key stands for, and when it came: milliseconds of elapsed time. */
export interface IdempotencyState {
  readonly at: number
  readonly run: string
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
    return { state: { at: now, run }, decision: { kind: 'admit' } }
  }
  if (state.run === run) return { state, decision: { kind: 'admit' } }
  const until = state.at + rule.period
  return { state, decision: { kind: 'refuse', by: state.run, until } }
}

/** Whether the state says nothing any more and may be removed. */
export const isIdle = ({ at }: IdempotencyState, { period }: Rule, now: number): boolean =>
  at + period <= now
