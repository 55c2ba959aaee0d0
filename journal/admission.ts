import { corrupt, unseal } from './envelope.ts'
import { keys, parseKey, type QueueKey } from './keys.ts'
import type { Open, OpenGather } from './pending.ts'

/**
 * Rows of what runs wait for and hold, derived from what is open in them. Of a lane the rows lie in
 * the order in which their runs begin.
 *
 *   q!<lane>!<rank>!<place>!<run>!<seq>   limits holds bytes workflow
 *   h!<run>!<seq>                         kind: 'slot', holds
 *                                       | kind: 'gather', gather key mode due until ts count bytes workflow
 */
export interface AdmissionRow {
  readonly key: string
  readonly body: QueuedBody | HeldBody
}

interface QueuedBody {
  readonly limits: readonly string[]
  readonly holds: readonly string[]
  /** Of the run's data. */
  readonly bytes: number
  readonly workflow: string
}

type HeldBody = HeldSlot | HeldGather

export interface HeldSlot {
  readonly kind: 'slot'
  readonly holds: readonly string[]
}

export interface HeldGather
  extends Pick<OpenGather, 'kind' | 'gather' | 'key' | 'mode' | 'due' | 'ts' | 'count' | 'bytes'> {
  readonly until?: number
  readonly workflow: string
}

/** A run that waits for its turn. */
export interface StoredQueued extends QueueKey, QueuedBody {}

/** What a run holds, or what it gathers. */
export type StoredHeld = { readonly run: string; readonly seq: number } & HeldBody

/** The row of what is open in a run of a workflow, if it has one. */
export function admissionRow(run: string, workflow: string, what: Open): AdmissionRow | undefined {
  switch (what.kind) {
    case 'queue': {
      const { lane, rank, place, seq, limits, holds, bytes } = what
      const key = keys.queued(lane, rank, place, run, seq)
      return { key, body: { limits, holds, bytes, workflow } }
    }
    case 'slot':
      return { key: keys.held(run, what.seq), body: { kind: 'slot', holds: what.holds } }
    case 'gather': {
      const { kind, gather, key, mode, due, until, ts, count, bytes } = what
      const last = until !== undefined && { until }
      const body = { kind, gather, key, mode, due, ...last, ts, count, bytes, workflow }
      return { key: keys.held(run, what.seq), body }
    }
    default:
      return undefined
  }
}

// Field by field: opening reads one for each run that waits, and two spreads are most of its cost.
export function openQueued(key: string, value: Uint8Array): StoredQueued {
  const { lane, rank, place, run, seq } = parseKey.queued(key)
  const { limits, holds, bytes, workflow } = unseal(key, value).body as QueuedBody
  return { lane, rank, place, run, seq, limits, holds, bytes, workflow }
}

export const openHeld = (key: string, value: Uint8Array): StoredHeld => ({
  ...parseKey.record(key),
  ...(unseal(key, value).body as HeldBody),
})

/** What is remembered for a limit, `k!<id>`: the policy that has the limit knows what it says. */
export interface StoredLimit {
  readonly id: string
  readonly body: unknown
  /** Checksum of its row. */
  readonly check: number
}

export function openLimit(key: string, value: Uint8Array): StoredLimit {
  const id = parseKey.limit(key)
  if (keys.limit(id) !== key) throw corrupt(key, 'it is not the key of a limit')
  const { body, check } = unseal(key, value)
  return { id, body, check }
}
