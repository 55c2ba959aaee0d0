import type { SkipReason } from '../../journal/admission-entry.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { NearMiss } from '../router/near-miss.ts'

/** What keeps a run from going on. */
export interface Why {
  readonly run: string
  readonly workflow: string
  readonly status: RunStatus
  /** All that it waits for; none: its code runs, or it has ended. */
  readonly waitsFor: readonly Reason[]
}

export type Reason =
  /** It was never begun; `by` is the run that stands for it, or was in its way. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly by?: string }
  | { readonly kind: 'parked'; readonly code: string }
  | { readonly kind: 'paused' }
  /** It waits to begin: `ahead` of it are so many in its line, and the first is held up by `limit`. */
  | ({ readonly kind: 'turn'; readonly ahead: number } & HeldUp)
  /** It gathers events until `due`, on the elapsed clock. */
  | {
      readonly kind: 'gather'
      readonly gather: 'batch' | 'debounce'
      readonly key: string
      readonly count: number
      readonly due: number
    }
  /** A step executes, or waits for a place to. */
  | ({
      readonly kind: 'step'
      readonly id: string
      readonly attempt: number
      readonly executes: boolean
    } & HeldUp)
  /** A sleep, a backoff, or the time to begin. */
  | {
      readonly kind: 'timer'
      readonly id: string
      readonly of: 'sleep' | 'step-backoff' | 'code-backoff' | 'start'
      readonly clock: 'wall' | 'elapsed'
      readonly due: number
    }
  /** Events; `near` are stored ones of these names that did not fit. */
  | {
      readonly kind: 'event'
      readonly id: string
      readonly events: readonly string[]
      readonly due?: number
      readonly near: readonly NearMiss[]
    }
  | { readonly kind: 'child'; readonly id: string; readonly child: string }

/** What limit is in the way, if one is. */
export interface HeldUp {
  readonly limit?: LimitInfo
}

/** Holders of one limit that are told: nobody reads more. */
export const HOLDERS_MOST = 100

/** Of several limits in the way, the first in the order in which they are asked: the widest. */
export interface LimitInfo {
  readonly kind: 'run' | 'step' | 'throttle' | 'singleton' | 'pause' | 'engine' | 'unknown-workflow'
  /** The workflow that it belongs to, or `*`. */
  readonly of: string
  /** The expression of its key, and the value as JSON, if it has a key. */
  readonly key?: string
  readonly value?: string
  /** How many may hold it at once. */
  readonly most?: number
  /** The runs that hold it, `HOLDERS_MOST` of them at most; of steps one for each that executes. */
  readonly holders: readonly string[]
  /** When it has room, on the elapsed clock, if only time is in the way. */
  readonly until?: number
}
