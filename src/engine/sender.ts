import { encodeValue } from '../../journal/codec/encode.ts'
import type { EventBody } from '../../journal/event.ts'
import { EngineError } from '../define/error.ts'
import { SIGNAL_EVENT } from '../define/event-name.ts'
import { type CheckedEvent, checkedEvents, mustBeId, mustFitTogether } from '../define/sending.ts'
import type { Door } from './door.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import type { Parts } from './parts.ts'
import { mustHaveRoomForAll } from './room.ts'

/** What `send` gives: the ids of the events, in their order. */
export interface Sent {
  readonly ids: readonly string[]
}

/** Takes events in: each id once a day. */
export class Sender {
  readonly #parts: Parts
  readonly #door: Door

  constructor(parts: Parts, door: Door) {
    this.#parts = parts
    this.#door = door
  }

  async send(events: unknown): Promise<Sent> {
    this.#door.mustTakeRequests()
    const checked = await checkedEvents(events, 'What was sent', this.#parts.events.schemaFor)
    const { settings, time, loop } = this.#parts
    if (loop.waiting >= settings.limits.waitingInputs) throw overloaded(loop.waiting)
    const now = time.stamp().at
    let bytes = 0
    const outgoing = checked.map(event => {
      const made = this.#outgoing(event, now)
      bytes += made.body.data.length
      mustFitTogether(bytes, settings.limits.valueBytes, 'What was sent')
      return made
    })
    await this.#once(outgoing)
    return { ids: outgoing.map(({ body }) => body.id) }
  }

  /** A signal is an event that only `waitForSignal` sees. */
  async signal(signal: string, data: unknown, given: string | undefined): Promise<void> {
    this.#door.mustTakeRequests()
    mustBeSignal(signal)
    mustBeId(given, { of: `The signal ${JSON.stringify(signal)}`, path: 'id' })
    const now = this.#parts.time.stamp().at
    // Events and signals have ids of their own.
    const id = given === undefined ? undefined : `${SIGNAL_EVENT}/${given}`
    const event = { name: SIGNAL_EVENT, data: { signal, data }, ts: now, id, v: undefined }
    await this.#once([this.#outgoing(event, now)])
  }

  async #once(outgoing: readonly OutgoingEvent[]): Promise<void> {
    const { ids, dispatcher } = this.#parts.events
    const { fresh, stored, failed } = await ids.sift(outgoing)
    try {
      this.#door.mustTakeRequests()
      mustHaveRoomForAll(fresh, this.#parts.events, this.#parts.time.stamp())
      if (fresh.length > 0) await dispatcher.send(fresh)
      stored()
    } catch (error) {
      failed(error)
      throw error
    }
  }

  #outgoing({ name, data, id, ts, v }: CheckedEvent, now: number): OutgoingEvent {
    const { limits, ids } = this.#parts.settings
    const body: EventBody = {
      name,
      id: id ?? ids.event(now),
      ts: ts ?? now,
      ...(v !== undefined && { v }),
      data: encodeValue(data, { bytes: limits.valueBytes }),
    }
    return { body, dedupe: id !== undefined }
  }
}

const LONGEST_SIGNAL = 255

function mustBeSignal(signal: unknown): void {
  if (typeof signal === 'string' && signal !== '' && signal.length <= LONGEST_SIGNAL) return
  throw new EngineError('DEFINITION_INVALID', 'The name of a signal is a text.', {
    hint: `Use 1 to ${LONGEST_SIGNAL} characters.`,
    facts: { signal },
  })
}

const overloaded = (waiting: number): EngineError =>
  new EngineError('OVERLOADED', `${waiting} inputs wait for their turn, the most allowed.`, {
    hint: 'Nothing was sent. Send more slowly, or raise limits.waitingInputs.',
    facts: { waiting },
  })
