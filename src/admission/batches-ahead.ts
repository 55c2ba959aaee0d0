import type { Batch } from '../define/flow/batch.ts'
import { type BatchState, batch } from './batch.ts'
import type { Claims } from './claims.ts'
import type { Gatherers } from './gatherers.ts'
import { batchId } from './gathering.ts'
import type { Request } from './request.ts'
import type { Terms } from './terms.ts'

/** What would begin. */
export interface Entering {
  readonly request: Request
  /** What it comes under, if that is not for its own keys to say. */
  readonly terms?: Terms | undefined
}

/** Batches as they would be if some came: nobody else gets to know. */
export class BatchesAhead {
  readonly #gatherers: Gatherers
  readonly #states = new Map<string, BatchState | undefined>()
  /** By what a batch would begin, of those that would: its keys are those of the first. */
  readonly #first = new Map<string, Request>()

  constructor(gatherers: Gatherers) {
    this.#gatherers = gatherers
  }

  /** What would start at once if this came; nothing, if it is none of those that are gathered. */
  startedBy(request: Request, rule: Batch, claims: Claims): readonly Entering[] | undefined {
    const key = batchId(request, rule)
    if (key === undefined) return undefined
    const { run, bytes, now } = request
    const before = this.#states.has(key) ? this.#states.get(key) : this.#gatherers.get(key)
    const { state, decision } = batch(before, rule, { run, bytes }, now.elapsed)
    this.#states.set(key, state)
    if (decision.kind === 'join') {
      claims.handOver(run, decision.by)
      const whole = (before?.bytes ?? 0) + bytes
      return decision.full ? [this.#asBatch(decision.by, whole, request)] : []
    }
    this.#first.set(run, request)
    const { closes, full } = decision
    const closed = closes === undefined ? [] : [this.#asBatch(closes, before?.bytes ?? 0, request)]
    return full ? [...closed, { request }] : closed
  }

  // Of one that gathers already the first is not at hand, but what its keys have come to. Where that is
  // not known either, those of the last count: nearly always they are the same.
  #asBatch(run: string, bytes: number, last: Request): Entering {
    const first = this.#first.get(run)
    if (first !== undefined) return { request: first.as(run, bytes) }
    return { request: last.as(run, bytes), terms: this.#gatherers.of(run)?.terms }
  }
}
