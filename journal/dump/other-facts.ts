import { storedToTaggedJson, toTaggedJson } from '../codec/json.ts'
import { entryFacts } from '../entry-json.ts'
import type { PostedInput } from '../event.ts'
import { keys } from '../keys.ts'
import type { ScheduleBody } from '../schedule.ts'
import type { OtherItem } from './item.ts'

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
      return { kind: 'event', ...stored, id, ts, v, data: storedToTaggedJson(data) }
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
  return { expression, tz, missed, overlap, jitter, data: storedToTaggedJson(data) }
}

function inputFacts(input: PostedInput): object {
  if (input.type !== 'event.delivered') return entryFacts(input)
  const { of, key, row } = input
  return { of, key, row }
}
