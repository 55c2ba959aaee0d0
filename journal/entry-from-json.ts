import { encodeValue } from './codec/encode.ts'
import { fromTaggedJson } from './codec/json.ts'
import { BYTES_MOST, DEPTH_MOST } from './codec/limits.ts'
import {
  bool,
  int,
  listOf,
  Misshapen,
  ms,
  object,
  oneOf,
  optional,
  type Read,
  runId,
  type Shape,
  text,
  yes,
} from './dump/shape.ts'
import type { Entry } from './entry.ts'
import type { EventDelivered } from './event.ts'

/** The bytes of a user's value, of its JSON. */
export const value: Read<Uint8Array> = json => {
  try {
    return encodeValue(fromTaggedJson(json), { bytes: BYTES_MOST, depth: DEPTH_MOST })
  } catch (error) {
    throw new Misshapen(error instanceof Error ? error.message : String(error))
  }
}

const parent = object({ run: runId, seq: int })
const event = object({ name: text, id: text, ts: ms, v: optional(text) })
const joined = object({ event: optional(event), data: value, parent: optional(parent) })
const sent = object({ name: text, id: text })
const listener = object({
  key: text,
  event: text,
  program: optional(text),
  literals: optional(value),
  until: optional(ms),
})
const names = listOf(text)
const named = { id: text, shielded: optional(yes) }
const attempt = { of: int, attempt: int }
const reason = { reason: text }

/** What each type of entry says. */
const shapes: { readonly [Type in Entry['type']]: Shape } = {
  'run.scheduled': {
    workflow: text,
    data: value,
    given: optional(text),
    seed: text,
    continues: optional(runId),
    event: optional(event),
    startedBy: optional(text),
    parent: optional(parent),
    parents: optional(listOf(parent)),
    schedule: optional(text),
  },
  'run.joined': { events: listOf(joined), due: optional(ms), full: optional(yes) },
  'deadline.moved': {
    phase: oneOf('start', 'finish'),
    to: optional(object({ due: ms, after: ms })),
  },
  'run.started': {},
  'run.paused': {},
  'run.resumed': {},
  'run.unparked': {},
  'run.cancel_requested': reason,
  'run.parked': { code: text, report: value },
  'run.completed': { output: value },
  'run.continued': { successor: runId },
  'run.failed': { error: value },
  'run.cancelled': reason,
  'run.skipped': {
    reason: oneOf(
      'rate-limit',
      'idempotency',
      'debounce',
      'singleton',
      'backlog',
      'draining',
      'joined',
    ),
    by: optional(runId),
  },
  'step.scheduled': named,
  'step.succeeded': { ...attempt, value },
  'step.failed': { ...attempt, error: value, retryAt: optional(ms) },
  'step.late': { ...attempt, ok: bool, value },
  'timer.set': { ...named, clock: oneOf('wall', 'elapsed'), due: ms },
  'timer.fired': { of: int },
  'start.set': { due: ms },
  'wait.set': { ...named, on: listOf(listener), since: optional(ms), due: optional(ms) },
  'cancel.set': { on: listOf(listener) },
  'gather.set': {
    gather: oneOf('batch', 'debounce'),
    key: text,
    mode: oneOf('last', 'all'),
    due: ms,
    until: optional(ms),
    ts: ms,
  },
  'slot.set': { holds: names },
  'queue.set': { lane: text, rank: int, place: int, limits: names, holds: names, bytes: int },
  'deadline.set': { phase: oneOf('start', 'finish'), due: ms, after: optional(ms) },
  'child.started': {
    ...named,
    child: runId,
    workflow: text,
    abandon: optional(yes),
    due: optional(ms),
  },
  'child.finished': { of: int, ok: bool, value },
  'event.sent': { ...named, events: listOf(sent) },
  'event.received': { of: int, key: text, event, data: value, storedAt: ms },
  'code.failed': { error: value, attempt: int, retryAt: optional(ms) },
  'code.woke': {},
}

const readers = new Map<string, Read<object>>(
  Object.entries(shapes).map(([type, shape]) => [type, object(shape)]),
)
const delivered = object<Omit<EventDelivered, 'type'>>({ of: int, key: text, row: text })

/** The entry whose type and facts these are, as in entry-json.ts. Throws `Misshapen`. */
export function entryFromJson(type: unknown, facts: object): Entry {
  const read = typeof type === 'string' ? readers.get(type) : undefined
  if (read === undefined) throw new Misshapen(`${JSON.stringify(type)} is no type of an entry`)
  return { type, ...read(facts) } as Entry
}

/** The event in an inbox whose facts these are. Throws `Misshapen`. */
export const deliveredFromJson = (facts: object): EventDelivered => ({
  type: 'event.delivered',
  ...delivered(facts),
})
