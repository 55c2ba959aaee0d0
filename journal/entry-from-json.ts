import { encodeValue } from './codec/encode.ts'
import { fromTaggedJson } from './codec/json.ts'
import { BYTES_MOST, DEPTH_MOST } from './codec/limits.ts'
import type { Entry } from './entry.ts'

type Facts = Readonly<Record<string, unknown>>

/** Which fact of an entry is a value of a user; `undefined`: none is. */
const userValue: { readonly [Type in Entry['type']]: string | undefined } = {
  'run.scheduled': 'data',
  'run.joined': undefined,
  'run.started': undefined,
  'run.paused': undefined,
  'run.resumed': undefined,
  'run.unparked': undefined,
  'run.cancel_requested': undefined,
  'run.parked': 'report',
  'run.completed': 'output',
  'run.continued': undefined,
  'run.failed': 'error',
  'run.cancelled': undefined,
  'run.skipped': undefined,
  'step.scheduled': undefined,
  'step.succeeded': 'value',
  'step.failed': 'error',
  'step.late': 'value',
  'timer.set': undefined,
  'timer.fired': undefined,
  'start.set': undefined,
  'wait.set': undefined,
  'cancel.set': undefined,
  'gather.set': undefined,
  'slot.set': undefined,
  'queue.set': undefined,
  'deadline.set': undefined,
  'child.started': undefined,
  'child.finished': 'value',
  'event.sent': undefined,
  'event.received': 'data',
  'code.failed': 'error',
  'code.woke': undefined,
}

/** The entry whose type and facts these are, as in entry-json.ts. Throws if they are none. */
export function entryFromJson(type: unknown, facts: Facts): Entry {
  if (typeof type !== 'string' || !Object.hasOwn(userValue, type)) {
    throw new Error(`${JSON.stringify(type)} is no type of an entry`)
  }
  const value = userValue[type as Entry['type']]
  const { on, events } = facts
  return {
    type,
    ...facts,
    ...(value !== undefined && { [value]: bytesOf(facts[value]) }),
    ...(Array.isArray(on) && { on: on.map(listener) }),
    ...(type === 'run.joined' && Array.isArray(events) && { events: events.map(joined) }),
  } as Entry
}

const listener = (facts: Facts): Facts =>
  facts.literals === undefined ? facts : { ...facts, literals: bytesOf(facts.literals) }

const joined = (facts: Facts): Facts => ({ ...facts, data: bytesOf(facts.data) })

const bytesOf = (json: unknown): Uint8Array =>
  encodeValue(fromTaggedJson(json), { bytes: BYTES_MOST, depth: DEPTH_MOST })
