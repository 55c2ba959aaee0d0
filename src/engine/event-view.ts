import { decodeValue } from '../../journal/codec/decode.ts'
import type { EventBody } from '../../journal/event.ts'
import type { EventView } from '../router/listeners.ts'

export interface OutgoingEvent {
  readonly body: EventBody
  /** Whether its sender gave it an id, so that it is stored once. */
  readonly dedupe: boolean
}

/** An event as conditions see it. */
export const viewOf = ({ name, id, ts, v, data }: EventBody): EventView => ({
  name,
  id,
  ts,
  ...(v !== undefined && { v }),
  data: decodeValue(data),
})
