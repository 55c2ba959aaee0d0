import type { Overlap } from '../define/cron.ts'

/** What becomes of ticks beside the runs that are still active. Nominal times, oldest first. */
export interface OverlapDecision {
  /** Ticks whose runs start now. */
  readonly start: readonly number[]
  /** Runs to be cancelled; to ask twice does no harm. */
  readonly cancel: readonly string[]
  /** Ticks that wait for a run to end: all that do, not only the new ones. */
  readonly buffer: readonly number[]
  /** Ticks that start nothing, ever. */
  readonly skipped: readonly number[]
}

/**
 * Decides about `waiting`: the buffered ticks, oldest first, and after them those that just came.
 * Asked when ticks fire, and with the buffered ones alone when a run of the schedule ends. `active`
 * are the runs of the schedule that have not ended; one that is being cancelled has not. Except
 * under `'allow-all'` a run starts only when there are none, and then one.
 *
 * - `skip`: the first starts, or none; the others are skipped.
 * - `buffer-one`: keeps the newest. A run that covers what happened up to its tick then covers what
 *   the ticks passed over would have; keeping the first (as Temporal does) would leave that out.
 * - `buffer-all`: keeps all.
 * - `cancel-other`: only the newest counts. It waits until the cancelled runs have ended, so that
 *   their cleanup and its work do not meet.
 * - `allow-all`: all start.
 */
export function overlap(
  policy: Overlap,
  active: readonly string[],
  waiting: readonly number[],
): OverlapDecision {
  if (waiting.length === 0) return NOTHING
  const free = active.length === 0
  switch (policy) {
    case 'allow-all':
      return { ...NOTHING, start: waiting }
    case 'skip':
      return free
        ? { ...NOTHING, start: waiting.slice(0, 1), skipped: waiting.slice(1) }
        : { ...NOTHING, skipped: waiting }
    case 'buffer-one': {
      const later = free ? waiting.slice(1) : waiting
      return {
        start: free ? waiting.slice(0, 1) : [],
        cancel: [],
        buffer: later.slice(-1),
        skipped: later.slice(0, -1),
      }
    }
    case 'buffer-all':
      return free
        ? { ...NOTHING, start: waiting.slice(0, 1), buffer: waiting.slice(1) }
        : { ...NOTHING, buffer: waiting }
    case 'cancel-other':
      return {
        start: free ? waiting.slice(-1) : [],
        cancel: active,
        buffer: free ? [] : waiting.slice(-1),
        skipped: waiting.slice(0, -1),
      }
    default:
      return policy satisfies never
  }
}

const NOTHING: OverlapDecision = { start: [], cancel: [], buffer: [], skipped: [] }
