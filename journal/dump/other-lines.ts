import { decodeValue } from '../codec/decode.ts'
import { fromTaggedJson, toTaggedJson } from '../codec/json.ts'
import { deliveredFromJson, entryFromJson, value } from '../entry-from-json.ts'
import { entryFacts } from '../entry-json.ts'
import type { EventBody, PostedInput } from '../event.ts'
import { keys } from '../keys.ts'
import type { ScheduleBody } from '../schedule.ts'
import type { OtherItem } from './item.ts'
import {
  int,
  listOf,
  Misshapen,
  matching,
  ms,
  object,
  oneOf,
  optional,
  runId,
  text,
  yes,
} from './shape.ts'

type Facts = Readonly<{ [name: string]: unknown }>

/** The key of the row that the item is. */
export function keyOf(item: OtherItem): string {
  switch (item.kind) {
    case 'schedule':
      return keys.schedule(item.id)
    case 'limit':
      return keys.limit(item.id)
    case 'event':
      return keys.event(item.body.name, item.at, item.n)
    case 'eventId':
      return keys.eventId(item.id)
    case 'input':
      return keys.inbox(item.run, item.n)
    default:
      return item satisfies never
  }
}

/** What the line of an item says. */
export function otherFacts(item: OtherItem): object {
  switch (item.kind) {
    case 'schedule':
      return scheduleFacts(item.id, item.body)
    case 'limit':
      return { kind: 'limit', id: item.id, state: toTaggedJson(item.body) }
    case 'event': {
      const { name, id, ts, v, data } = item.body
      const stored = { name, at: item.at, n: item.n }
      return { kind: 'event', ...stored, id, ts, v, data: toTaggedJson(decodeValue(data)) }
    }
    case 'eventId':
      return { kind: 'eventId', id: item.id, at: item.at }
    case 'input': {
      const { run, n, input } = item
      return { kind: 'input', run, n, type: input.type, ...inputFacts(input) }
    }
    default:
      return item satisfies never
  }
}

/** The item that a line of this kind says. Throws `Misshapen`. */
export function readOther(kind: OtherItem['kind'], line: number, facts: Facts): OtherItem {
  switch (kind) {
    case 'schedule': {
      const { id, ...body } = schedule(facts)
      return { kind, id, body }
    }
    case 'limit': {
      const { id, state } = limit(facts)
      return { kind, id, body: state }
    }
    case 'event': {
      const { at, n, ...body } = event(facts)
      return { kind, at, n, body }
    }
    case 'eventId':
      return { kind, ...eventId(facts) }
    case 'input':
      return readInput(line, facts)
    default:
      return kind satisfies never
  }
}

function scheduleFacts(id: string, body: ScheduleBody): object {
  const { workflow, handled, calendar, buffered, paused } = body
  return {
    kind: 'schedule',
    id,
    workflow,
    handled,
    calendar,
    buffered,
    paused,
    own: ownFacts(body),
  }
}

function ownFacts({ own }: ScheduleBody): object | undefined {
  if (own === undefined) return undefined
  const { expression, tz, missed, overlap, jitter, data } = own
  return { expression, tz, missed, overlap, jitter, data: toTaggedJson(decodeValue(data)) }
}

function inputFacts(input: PostedInput): object {
  if (input.type !== 'event.delivered') return entryFacts(input)
  const { of, key, row } = input
  return { of, key, row }
}

function readInput(line: number, facts: Facts): OtherItem {
  const { run, n, type, ...own } = facts
  const input = type === 'event.delivered' ? deliveredFromJson(own) : entryFromJson(type, own)
  return { kind: 'input', line, run: runId(run), n: int(n), input: input as PostedInput }
}

const schedule = object<ScheduleBody & { readonly id: string }>({
  id: matching(/^["-~]+$/, 'is no id of a schedule'),
  workflow: text,
  handled: ms,
  calendar: text,
  buffered: listOf(ms),
  paused: optional(yes),
  own: optional(
    object({
      expression: text,
      tz: text,
      missed: oneOf('skip', 'last', 'all'),
      overlap: oneOf('skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow-all'),
      jitter: ms,
      data: value,
    }),
  ),
})
const limit = object<{ readonly id: string; readonly state: unknown }>({
  id: text,
  state: json => plainState(fromTaggedJson(json)),
})
const event = object<EventBody & { readonly at: number; readonly n: number }>({
  name: text,
  at: int,
  n: int,
  id: text,
  ts: ms,
  v: optional(text),
  data: value,
})
const eventId = object<{ readonly id: string; readonly at: number }>({ id: text, at: ms })

/** Rows hold no more than MessagePack can say. */
function plainState(state: unknown): unknown {
  if (typeof state === 'object' && state !== null) {
    const isList = Array.isArray(state)
    if (!isList && Object.getPrototypeOf(state) !== Object.prototype) {
      throw new Misshapen('is no state of a limit')
    }
    for (const part of Object.values(state)) plainState(part)
  } else if (!['string', 'number', 'boolean'].includes(typeof state) && state !== null) {
    throw new Misshapen('is no state of a limit')
  }
  return state
}
