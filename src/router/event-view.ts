import { decodeValue } from '../../journal/codec/decode.ts'
import type { EventBody } from '../../journal/event.ts'
import type { EventView } from './listeners.ts'

/** An event as conditions see it. */
export const viewOf = ({ name, id, ts, v, data }: EventBody): EventView => ({
  name,
  id,
  ts,
  ...(v !== undefined && { v }),
  data: decodeValue(data),
})
