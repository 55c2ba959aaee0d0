import type { JoinedEvent } from '../../../journal/admission-entry.ts'
import { decodeValue } from '../../../journal/codec/decode.ts'
import type { Entry } from '../../../journal/entry.ts'
import type { Head } from '../../../journal/head.ts'
import type { StoredRecord } from '../../../journal/reader.ts'
import { array, behind, object, type Source } from './layout.ts'
import { type Literals, text } from './literal.ts'
import type { Redaction } from './redaction.ts'

/** What a run had gathered when it began, as it is recorded. */
export interface Gathering {
  readonly as: 'batch' | 'all' | 'last'
  readonly joined: readonly JoinedEvent[]
}

/** Undefined of a run that did not wait for more than what it was scheduled with. */
export function gatheringIn(records: readonly StoredRecord[]): Gathering | undefined {
  const entries = records.flatMap(({ entries }) => entries)
  const set = entries.find(({ type }) => type === 'gather.set')
  if (set?.type !== 'gather.set') return undefined
  const joined = entries.flatMap(entry => (entry.type === 'run.joined' ? entry.events : []))
  return { as: set.gather === 'batch' ? 'batch' : set.mode, joined }
}

export function gatheredSource(
  { as, joined }: Gathering,
  literals: Literals,
  redaction: Redaction,
): Source {
  const events = joined.map(({ event, data }) =>
    literals.write({ ...event, data: redaction.of(decodeValue(data)) }),
  )
  return object([`as: ${text(as)}`, behind('events: ', array(events))])
}

/** Why there is nothing that could be played again: limits kept the code from being called. */
export function neverBegan(head: Head, records: readonly StoredRecord[]): string | undefined {
  const entries = records.flatMap(({ entries }) => entries)
  const last = entries.at(-1)
  if (last?.type === 'run.skipped') {
    const { reason, by } = last
    return `it was skipped (${reason}${by === undefined ? '' : `; see run ${by}`})`
  }
  const wasHeld = entries.some(({ type }) => type === 'gather.set' || type === 'queue.set')
  if (!wasHeld || entries.some(({ type }) => type === 'run.started')) return undefined
  if (head.status === 'cancelled') return 'it was cancelled before it began'
  const isQueued = entries.some(({ type }) => type === 'queue.set')
  return isQueued ? 'it waits for its turn' : 'it still gathers events'
}

/** The lines for an entry about limits, which do not hold up a run that is played alone. */
export function withoutLimits(entry: Entry, entries: readonly Entry[]): string[] | undefined {
  switch (entry.type) {
    case 'slot.set':
    case 'queue.set':
    case 'deadline.set':
    case 'deadline.moved':
    case 'run.joined':
      return []
    case 'gather.set':
      return ['gather.set', 'run.joined']
    case 'timer.fired':
      return entries[entry.of]?.type === 'gather.set' ? [] : undefined
    default:
      return undefined
  }
}
