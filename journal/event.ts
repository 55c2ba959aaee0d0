import type { EventFacts, Input } from './entry.ts'

/** The stored form of an event. */
export interface EventBody extends EventFacts {
  readonly data: Uint8Array
}

export interface StoredEvent extends EventBody {
  /** When it was stored, by the engine's clock. */
  readonly at: number
}

/** An input as it waits in an inbox. Of an event it says where that is stored: many may get it. */
export type PostedInput = Exclude<Input, { readonly type: 'event.received' }> | EventDelivered

export interface EventDelivered {
  readonly type: 'event.delivered'
  readonly of: number
  readonly key: string
  /** Key of the event's row. */
  readonly row: string
}

/** The input that a delivered event is for its run. */
export const received = (
  { of, key }: EventDelivered,
  { name, id, ts, v, data, at }: StoredEvent,
): Input => ({
  type: 'event.received',
  of,
  key,
  event: { name, id, ts, ...(v !== undefined && { v }) },
  data,
  storedAt: at,
})
