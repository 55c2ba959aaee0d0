import type { SkipReason } from '../../journal/admission-entry.ts'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import { CancelledError, EngineError } from '../define/error.ts'
import { decodeThrown } from '../run/thrown.ts'
import type { Refusal } from './refusal.ts'

/** How a run ended, as its last entries say. `parked` is no end, but nobody should wait for it. */
export type Outcome =
  | { readonly kind: 'completed'; readonly output: Uint8Array }
  | { readonly kind: 'continued'; readonly successor: string }
  | { readonly kind: 'failed'; readonly error: Uint8Array }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'parked'; readonly code: string; readonly report: Uint8Array }
  | { readonly kind: 'skipped'; readonly reason: SkipReason; readonly by?: string }

interface Waiter {
  resolve(outcome: Outcome): void
  reject(error: unknown): void
}

/** Those who wait for runs to end. */
export class Outcomes {
  readonly #waiting = new Map<string, Waiter[]>()
  #over: Refusal | undefined

  /** How many they are. */
  get size(): number {
    let size = 0
    for (const waiters of this.#waiting.values()) size += waiters.length
    return size
  }

  /** With a `signal` until that says that nobody wants to hear of it any more: then it rejects. */
  wait(run: string, signal?: AbortSignal): Promise<Outcome> {
    if (this.#over !== undefined) return Promise.reject(this.#over.error)
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      const waiters = this.#waiting.get(run)
      if (waiters === undefined) this.#waiting.set(run, [waiter])
      else waiters.push(waiter)
      if (signal === undefined) return
      const letOff = (): void => {
        this.#forget(run, waiter)
        reject(signal.reason)
      }
      signal.addEventListener('abort', letOff, { once: true })
    })
  }

  #forget(run: string, waiter: Waiter): void {
    const left = this.#waiting.get(run)?.filter(each => each !== waiter)
    if (left === undefined) return
    if (left.length === 0) this.#waiting.delete(run)
    else this.#waiting.set(run, left)
  }

  settle(run: string, outcome: Outcome): void {
    const waiters = this.#waiting.get(run)
    if (waiters === undefined) return
    this.#waiting.delete(run)
    for (const { resolve } of waiters) resolve(outcome)
  }

  /** Nobody will hear of a run any more. */
  rejectAll(refusal: Refusal): void {
    this.#over ??= refusal
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const waiters of all) for (const { reject } of waiters) reject(refusal.error)
  }
}

export function outcomeOf(entries: readonly Entry[]): Outcome | undefined {
  for (const entry of entries) {
    switch (entry.type) {
      case 'run.completed':
        return { kind: 'completed', output: entry.output }
      case 'run.continued':
        return { kind: 'continued', successor: entry.successor }
      case 'run.failed':
        return { kind: 'failed', error: entry.error }
      case 'run.cancelled':
        return { kind: 'cancelled', reason: entry.reason }
      case 'run.skipped': {
        const { reason, by } = entry
        return reason === 'joined' && by !== undefined
          ? { kind: 'continued', successor: by }
          : { kind: 'skipped', reason, ...(by !== undefined && { by }) }
      }
      case 'run.parked':
        return { kind: 'parked', code: entry.code, report: entry.report }
      default:
    }
  }
  return undefined
}

/** The run's output, or its error thrown. */
export function openOutcome(
  run: string,
  outcome: Exclude<Outcome, { kind: 'continued' }>,
): unknown {
  switch (outcome.kind) {
    case 'completed':
      return decodeValue(outcome.output)
    case 'failed':
      throw decodeThrown(outcome.error)
    case 'cancelled':
      throw new CancelledError(outcome.reason)
    case 'parked':
      throw parkedError(run, outcome)
    case 'skipped':
      throw skippedError(run, outcome)
    default:
      return outcome satisfies never
  }
}

export const parkedError = (
  run: string,
  { code, report }: { readonly code: string; readonly report: Uint8Array },
): EngineError =>
  new EngineError('RUN_PARKED', `Run ${run} is parked: ${code}.`, {
    hint: 'Read the report, mend the cause, then call engine.retry() with its id.',
    facts: { run, code, report: decodeValue(report) },
  })

export const skippedError = (
  run: string,
  { reason, by }: { readonly reason: SkipReason; readonly by?: string },
): EngineError =>
  new EngineError('RUN_SKIPPED', `Run ${run} never began: ${reason}.`, {
    hint: 'A limit of its workflow kept it from beginning. Start it again later, or change the limit.',
    facts: { run, reason, ...(by !== undefined && { by }) },
  })
