import { fromTaggedJson } from '../codec/json.ts'
import { deliveredFromJson, entryFromJson, value } from '../entry-from-json.ts'
import type { EventBody, PostedInput } from '../event.ts'
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
