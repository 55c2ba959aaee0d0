import type { StandardSchemaV1 } from '@standard-schema/spec'
import { EngineError } from './error.ts'
import type { MadeEvent } from './event.ts'
import { isWhole, mustBeFreeName } from './event-name.ts'
import { givenText } from './given-text.ts'
import { isObject, mustHaveOnly, type Place, refusal, within } from './place.ts'
import { schemaOf } from './schema-of.ts'
import { validated } from './standard-schema.ts'

/** An event that has passed the door: its data is what its schemas made of it. */
export interface CheckedEvent {
  readonly name: string
  readonly data: unknown
  readonly id: string | undefined
  readonly ts: number | undefined
  readonly v: string | undefined
}

const MOST = 5_000
const LONGEST = 255
const EARLIEST = Date.UTC(1980, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

/**
 * Checks events that are to be sent: one or many, made by an event type or written out. At once,
 * unless a schema takes its time. Throws DEFINITION_INVALID, and DATA_INVALID for data that does
 * not fit its schema.
 */
export function checkedEvents(
  events: unknown,
  of: string,
  schemaFor: SchemaFor,
): readonly CheckedEvent[] | Promise<readonly CheckedEvent[]> {
  const place = { of, path: '' }
  const list: readonly unknown[] = Array.isArray(events) ? events : [events]
  if (list.length > MOST) {
    const hint = `Send at most ${MOST} at once.`
    throw refusal(place, `there are ${list.length} events.`, hint)
  }
  const checked: (CheckedEvent | Promise<CheckedEvent>)[] = []
  try {
    for (const [at, event] of list.entries()) {
      const own = Array.isArray(events) ? within(place, at) : place
      checked.push(checkedEvent(event, own, schemaFor))
    }
  } catch (error) {
    // Nobody waits for the others any more: what they say must not be missed as unhandled.
    for (const each of checked) if (each instanceof Promise) each.catch(() => {})
    throw error
  }
  return checked.some(each => each instanceof Promise)
    ? Promise.all(checked)
    : (checked as CheckedEvent[])
}

/** What an event is validated with: `own` is the schema of the type it was made by. */
export type SchemaFor = (
  name: string,
  own: StandardSchemaV1 | undefined,
) => StandardSchemaV1 | undefined

export const OWN_SCHEMA: SchemaFor = (_, own) => own

/** For events that were checked before. */
export const NO_SCHEMA: SchemaFor = () => undefined

function checkedEvent(
  event: unknown,
  place: Place,
  schemaFor: SchemaFor,
): CheckedEvent | Promise<CheckedEvent> {
  if (!isObject(event)) {
    throw refusal(
      place,
      `${givenText(event)} is no event.`,
      'Give what an event type makes, or { name, data }.',
    )
  }
  mustHaveOnly(event, ['name', 'data', 'id', 'ts', 'v'], place)
  const { name, data, id, ts, v } = event as MadeEvent
  mustBeFreeName(name, within(place, 'name'))
  mustBeId(id, within(place, 'id'))
  mustBeTime(ts, within(place, 'ts'))
  if (v !== undefined && !isShortText(v)) {
    const hint = `Write a version such as '2', of at most ${LONGEST} characters.`
    throw refusal(within(place, 'v'), `${givenText(v)} is not a version.`, hint)
  }
  const schema = schemaFor(name, schemaOf(event))
  if (schema === undefined) return { name, data, id, ts, v }
  const of = {
    what: `The data of '${name}'`,
    hint: 'Nothing was sent. Correct the data, or the schema of the event.',
    facts: { event: name },
  }
  return validated(schema, data, of, value => ({ name, data: value, id, ts, v }))
}

const isShortText = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= LONGEST && isWhole(text)

/** What `send` may be given as an id. Throws DEFINITION_INVALID. */
export function mustBeId(id: unknown, place: Place): void {
  if (id === undefined) return
  if (isShortText(id) && id !== '') return
  throw refusal(
    place,
    `${givenText(id)} is not an id.`,
    `Use a text of 1 to ${LONGEST} characters.`,
  )
}

const LARGEST = 64

/** What is sent at once is one write. Throws DATA_INVALID if it has more than 64 times `most` bytes. */
export function mustFitTogether(bytes: number, most: number, of: string): void {
  if (bytes <= LARGEST * most) return
  throw new EngineError(
    'DATA_INVALID',
    `${of} has ${bytes} bytes; ${LARGEST * most} are allowed.`,
    {
      hint: 'Nothing was sent. Send it in parts.',
      facts: { bytes, most: LARGEST * most },
    },
  )
}

function mustBeTime(ts: unknown, place: Place): void {
  if (ts === undefined) return
  if (typeof ts === 'number' && ts >= EARLIEST && ts < LATEST) return
  throw refusal(
    place,
    `${givenText(ts)} is not a time.`,
    'Give milliseconds since 1970, from 1980 up to 2100.',
  )
}
