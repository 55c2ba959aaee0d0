import { openLimit } from '../admission.ts'
import { unseal } from '../envelope.ts'
import { openEvent, openInput } from '../event-reader.ts'
import { type KeyRange, parseKey, ranges } from '../keys.ts'
import { openSchedule } from '../schedule.ts'
import type { Store, StoreEntry } from '../store.ts'
import type { OtherItem } from './item.ts'

/** What a journal holds beside its runs, or beside one run of it: see the grammar in journal/dump.ts. */
export async function* othersOf(
  store: Store,
  run: string | undefined,
): AsyncGenerator<readonly OtherItem[]> {
  if (run !== undefined) return yield* ofRun(store, run)
  for (const [range, open] of SCANS) {
    for await (const chunk of store.scan(range)) yield chunk.map(open)
  }
}

const SCANS: readonly (readonly [KeyRange, (row: StoreEntry) => OtherItem])[] = [
  [ranges.schedules(), openScheduleRow],
  [ranges.limits(), openLimitRow],
  [ranges.events(), openEventRow],
  [ranges.eventIds(), openEventIdRow],
  [ranges.inbox(), openInputRow],
]

/** Its inputs, and the events that are on their way to it. */
async function* ofRun(store: Store, run: string): AsyncGenerator<readonly OtherItem[]> {
  const inputs: OtherItem[] = []
  const rows = new Set<string>()
  for await (const chunk of store.scan(ranges.inboxOf(run))) {
    for (const [key, value] of chunk) {
      const item = openInputRow([key, value])
      if (item.kind === 'input' && item.input.type === 'event.delivered') rows.add(item.input.row)
      inputs.push(item)
    }
  }
  for (const row of [...rows].sort()) {
    const value = await store.get(row)
    if (value !== undefined) yield [openEventRow([row, value])]
  }
  yield inputs
}

function openScheduleRow([key, value]: StoreEntry): OtherItem {
  const { id, body } = openSchedule(key, value)
  return { kind: 'schedule', id, body }
}

function openLimitRow([key, value]: StoreEntry): OtherItem {
  const { id, body } = openLimit(key, value)
  return { kind: 'limit', id, body }
}

function openEventRow([key, value]: StoreEntry): OtherItem {
  const { at, ...body } = openEvent(key, value)
  return { kind: 'event', at, n: parseKey.event(key).n, body }
}

function openEventIdRow([key, value]: StoreEntry): OtherItem {
  const { at } = unseal(key, value).body as { at: number }
  return { kind: 'eventId', id: parseKey.eventId(key), at }
}

function openInputRow([key, value]: StoreEntry): OtherItem {
  const { run, n, input } = openInput(key, value)
  return { kind: 'input', line: 0, run, n, input }
}
