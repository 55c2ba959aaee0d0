import { decodeValue } from '../../journal/codec/decode.ts'
import type { Listener } from '../../journal/entry.ts'

/** As the router calls the event that carries a signal. */
const SIGNAL = 'perdure/signal'

/** What is listened for: the name of an event; of a signal `signal` and its name. */
export function heardText({ event, literals }: Pick<Listener, 'event' | 'literals'>): string {
  if (event !== SIGNAL || literals === undefined) return event
  const values = decodeValue(literals)
  const signal: unknown = Array.isArray(values) ? values[0] : undefined
  return typeof signal === 'string' ? `signal ${signal}` : event
}
