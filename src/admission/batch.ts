import type { Batch } from '../define/flow/batch.ts'

/** A batch that takes more events. Times are milliseconds of elapsed time that never go back. */
export interface BatchState {
  /** The run that gathers. */
  readonly run: string
  readonly due: number
  readonly count: number
  /** Of the data gathered. */
  readonly bytes: number
}

export interface BatchRequest {
  /** The run that the event would begin a batch with. */
  readonly run: string
  /** Of the data of the event. */
  readonly bytes: number
}

export type BatchDecision =
  /**
   * The run begins a batch, which starts at `due`, or at once if it is `full`. `closes` names the
   * batch that the event was too large for: it starts at once, as it is.
   */
  | {
      readonly kind: 'begin'
      readonly due: number
      readonly full: boolean
      readonly closes?: string
    }
  /** The event goes to the batch of this run, which starts at once if it is `full` with it. */
  | { readonly kind: 'join'; readonly by: string; readonly full: boolean }

export interface BatchOutcome {
  /** The batch that takes the next event; none if this one is full. */
  readonly state: BatchState | undefined
  readonly decision: BatchDecision
}

type Rule = Pick<Batch, 'maxSize' | 'timeout'>

/** The most that a batch of several events holds. */
export const BATCH_BYTES = 10 * 1024 * 1024

/**
 * Decides about one event. A batch never holds more than `maxSize` events, nor more than `bytesMax`
 * bytes unless its only event is that large. What is due at `now` takes no more events.
 */
export function batch(
  state: BatchState | undefined,
  rule: Rule,
  { run, bytes }: BatchRequest,
  now: number,
  bytesMax: number = BATCH_BYTES,
): BatchOutcome {
  const open = state === undefined || isIdle(state, now) ? undefined : state
  const isFull = (count: number, size: number): boolean => count >= rule.maxSize || size >= bytesMax
  if (open !== undefined && open.bytes + bytes <= bytesMax) {
    const grown = { ...open, count: open.count + 1, bytes: open.bytes + bytes }
    const full = isFull(grown.count, grown.bytes)
    return { state: full ? undefined : grown, decision: { kind: 'join', by: open.run, full } }
  }
  const due = now + rule.timeout
  const full = isFull(1, bytes)
  return {
    state: full ? undefined : { run, due, count: 1, bytes },
    decision: { kind: 'begin', due, full, ...(open !== undefined && { closes: open.run }) },
  }
}

/** Whether the state says nothing any more and may be removed. */
export const isIdle = ({ due }: BatchState, now: number): boolean => due <= now
