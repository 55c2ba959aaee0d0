import { decodeValue } from '../../journal/codec/decode.ts'
import type { Record } from '../../journal/entry.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'

/** A run, seen from outside. */
export interface RunHandle<Output = unknown> {
  readonly id: string
  /**
   * The run's output once it has completed. Throws the run's error if it failed, `CancelledError`
   * if it was cancelled, RUN_PARKED if it waits for a person, ENGINE_CLOSED if the engine closes
   * first. Follows `continueAsNew` to the last successor.
   */
  result(): Promise<Output>
  /** Of this run: `completed`, if it continued as a new one. */
  status(): Promise<RunStatus>
  /**
   * Resolves when the request is durable; the run ends when its code has cleaned up. Follows
   * `continueAsNew` to the last successor.
   */
  cancel(reason?: string): Promise<void>
  /** What has been recorded of the run so far, in order. */
  entries(): AsyncIterable<RunEntry>
}

/** One entry as people read it: values are decoded. */
export interface RunEntry {
  readonly run: string
  /** Place among the run's entries, counted from 0. */
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Milliseconds on the journal's elapsed clock, which `due` of a sleep and `retryAt` refer to. */
  readonly elapsed: number
  readonly type: string
  readonly [fact: string]: unknown
}

/** The entries of records, with the values in them decoded. */
export async function* readableAll(records: AsyncIterable<Record>): AsyncGenerator<RunEntry> {
  for await (const record of records) yield* readable(record)
}

export function* readable({ run, seq, at, elapsed, entries }: Record): Generator<RunEntry> {
  for (const [place, entry] of entries.entries()) {
    yield { run, seq: seq + place, at, elapsed, type: entry.type, ...decoded({ ...entry }) }
  }
}

const decoded = (facts: object): object =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, decodedFact(fact)]))

/** Values are bytes wherever they stand: those that a listener compares with are deeper inside. */
function decodedFact(fact: unknown): unknown {
  if (fact instanceof Uint8Array) return decodeValue(fact)
  if (Array.isArray(fact)) return fact.map(decodedFact)
  return typeof fact === 'object' && fact !== null ? decoded(fact) : fact
}
