import { openHeld, type StoredHeld } from './admission.ts'
import type { Listener } from './entry.ts'
import { corrupt, unseal } from './envelope.ts'
import type { EventBody, PostedInput, StoredEvent } from './event.ts'
import { keys, parseKey, ranges } from './keys.ts'
import { openSchedule, type StoredSchedule } from './schedule.ts'
import type { Store } from './store.ts'

/** What an open wait or cancellation of a run listens for. */
export interface StoredWait {
  readonly run: string
  readonly seq: number
  readonly kind: 'wait' | 'cancel'
  readonly on: readonly Listener[]
}

/** An input in a run's inbox. */
export interface InboxInput {
  readonly run: string
  readonly n: number
  readonly input: PostedInput
}

/** A row, by its checksum. */
export interface StoredRow {
  readonly key: string
  readonly check: number
}

/** Reads of what a journal holds of events. */
export class EventReader {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Events of a name that were stored at or after a time, in the order in which they were. */
  async *events(name: string, since: number): AsyncGenerator<{ row: string; event: StoredEvent }> {
    for await (const chunk of this.#store.scan(ranges.eventsSince(name, since))) {
      for (const [row, value] of chunk) yield { row, event: openEvent(row, value) }
    }
  }

  /** The event whose row has this key. */
  async event(key: string): Promise<StoredEvent> {
    const value = await this.#store.get(key)
    if (value === undefined) throw corrupt(key, 'it is missing')
    return openEvent(key, value)
  }

  /** Whether an event of this id was stored since then. */
  async knowsEvent(id: string, since: number): Promise<boolean> {
    const key = keys.eventId(id)
    const value = await this.#store.get(key)
    return value !== undefined && openEventId(key, value).at >= since
  }

  /** Events that were stored before a time, of each name the oldest first. */
  async *eventsBefore(before: number): AsyncGenerator<StoredRow> {
    for (let from: string | undefined = ranges.events().gte; from !== undefined; ) {
      let next: string | undefined
      for await (const chunk of this.#store.scan({ ...ranges.events(), gte: from })) {
        const young = chunk.findIndex(([key]) => parseKey.event(key).at >= before)
        const old = young < 0 ? chunk : chunk.slice(0, young)
        for (const [key, value] of old) yield { key, check: unseal(key, value).check }
        next = young < 0 ? undefined : ranges.eventsBeside(chunk[young]?.[0] ?? '').lt
        if (next !== undefined) break
      }
      from = next
    }
  }

  /** Keys of the event ids that were last given before a time. */
  async *eventIdsBefore(before: number): AsyncGenerator<string> {
    for await (const chunk of this.#store.scan(ranges.eventIds())) {
      for (const [key, value] of chunk) if (openEventId(key, value).at < before) yield key
    }
  }

  /** What open waits and cancellations listen for, by run. */
  async *waits(): AsyncGenerator<StoredWait> {
    for await (const chunk of this.#store.scan(ranges.waits())) {
      for (const [key, value] of chunk) yield openWait(key, value)
    }
  }

  /** The rows of schedules: those made at run time, and what is known of those of triggers. */
  async *schedules(): AsyncGenerator<StoredSchedule> {
    for await (const chunk of this.#store.scan(ranges.schedules())) {
      for (const [key, value] of chunk) yield openSchedule(key, value)
    }
  }

  /** What runs hold, or gather. */
  async *held(): AsyncGenerator<StoredHeld> {
    for await (const chunk of this.#store.scan(ranges.held())) {
      for (const [key, value] of chunk) yield openHeld(key, value)
    }
  }

  /** All events, by name, then by when they were stored. */
  async *allEvents(): AsyncGenerator<StoredEvent> {
    for await (const chunk of this.#store.scan(ranges.events())) {
      for (const [key, value] of chunk) yield openEvent(key, value)
    }
  }

  /** What waits in the inboxes of all runs. */
  async *inputs(): AsyncGenerator<InboxInput> {
    for await (const chunk of this.#store.scan(ranges.inbox())) {
      for (const [key, value] of chunk) yield openInput(key, value)
    }
  }

  /** Whether an input waits in the inbox of a run. */
  async hasInput(run: string, n: number): Promise<boolean> {
    return (await this.#store.get(keys.inbox(run, n))) !== undefined
  }
}

export function openWait(key: string, value: Uint8Array): StoredWait {
  return {
    ...parseKey.record(key),
    ...(unseal(key, value).body as Omit<StoredWait, 'run' | 'seq'>),
  }
}

export const openInput = (key: string, value: Uint8Array): InboxInput => ({
  ...parseKey.inbox(key),
  input: unseal(key, value).body as PostedInput,
})

export const openEventId = (key: string, value: Uint8Array): { readonly at: number } =>
  unseal(key, value).body as { at: number }

export const openEvent = (key: string, value: Uint8Array): StoredEvent => ({
  at: parseKey.event(key).at,
  ...(unseal(key, value).body as EventBody),
})
