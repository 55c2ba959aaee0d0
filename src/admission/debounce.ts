import type { Debounce } from '../define/flow/debounce.ts'

/** Times are milliseconds of elapsed time that never go back, but for `ts`, which is the event's. */
export type DebounceState =
  /** A run gathers; `ts` is that of the event that wins so far. */
  | {
      readonly kind: 'gathering'
      readonly run: string
      readonly firstAt: number
      readonly due: number
      readonly ts: number
    }
  /** With edge `'leading'`: `run` has started, and what comes before `until` is skipped. */
  | { readonly kind: 'quiet'; readonly run: string; readonly until: number }

export type DebounceDecision =
  /** The run begins to gather; it starts at `due`. */
  | { readonly kind: 'gather'; readonly due: number }
  /** The event goes to the run that gathers; `wins` if it is now the newest. */
  | { readonly kind: 'join'; readonly by: string; readonly due: number; readonly wins: boolean }
  | { readonly kind: 'start' }
  | { readonly kind: 'skip'; readonly by: string }

export interface DebounceRequest {
  /** The run that the event would start. */
  readonly run: string
  /** When the event happened, as its sender has it. */
  readonly ts: number
}

export interface DebounceOutcome {
  readonly state: DebounceState
  readonly decision: DebounceDecision
}

type Rule = Pick<Debounce, 'period' | 'timeout' | 'edge'>

/**
 * Decides about one arrival. What is due at `now` gathers no more, even if it has not started yet.
 * The state of another edge counts as none: the workflow was changed.
 */
export function debounce(
  state: DebounceState | undefined,
  rule: Rule,
  request: DebounceRequest,
  now: number,
): DebounceOutcome {
  const known = state === undefined || isIdle(state, now) ? undefined : state
  switch (rule.edge) {
    case 'trailing':
      return known?.kind === 'gathering'
        ? joined(known, rule, request, now)
        : begun(rule, request, now)
    case 'leading':
      return quieted(known?.kind === 'quiet' ? known.run : undefined, rule, request, now)
  }
}

function begun(rule: Rule, { run, ts }: DebounceRequest, now: number): DebounceOutcome {
  const due = dueAfter(now, rule, now)
  return {
    state: { kind: 'gathering', run, firstAt: now, due, ts },
    decision: { kind: 'gather', due },
  }
}

/** The newest by its `ts` wins, of equal ones the later arrival. An older one changes nothing. */
function joined(
  state: DebounceState & { kind: 'gathering' },
  rule: Rule,
  { ts }: DebounceRequest,
  now: number,
): DebounceOutcome {
  const { run: by, firstAt, due: before } = state
  if (ts < state.ts) return { state, decision: { kind: 'join', by, due: before, wins: false } }
  // A rule that was changed may have it over sooner: what gathers keeps its time all the same.
  const due = Math.max(before, dueAfter(firstAt, rule, now))
  return { state: { ...state, due, ts }, decision: { kind: 'join', by, due, wins: true } }
}

const dueAfter = (firstAt: number, { period, timeout = Infinity }: Rule, now: number): number =>
  Math.min(now + period, firstAt + timeout)

/** Whatever comes makes it less quiet, also what is skipped and what is late. */
function quieted(
  by: string | undefined,
  { period }: Rule,
  { run }: DebounceRequest,
  now: number,
): DebounceOutcome {
  return {
    state: { kind: 'quiet', run: by ?? run, until: now + period },
    decision: by === undefined ? { kind: 'start' } : { kind: 'skip', by },
  }
}

/** Whether the state says nothing any more and may be removed. */
export function isIdle(state: DebounceState, now: number): boolean {
  switch (state.kind) {
    case 'gathering':
      return state.due <= now
    case 'quiet':
      return state.until <= now
  }
}
