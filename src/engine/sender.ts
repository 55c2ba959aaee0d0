import { encodeValue } from '../../journal/codec/encode.ts'
import type { EventBody } from '../../journal/event.ts'
import { EngineError } from '../define/error.ts'
import { SIGNAL_EVENT } from '../define/event-name.ts'
import { type CheckedEvent, checkedEvents } from '../define/sending.ts'
import type { Door } from './door.ts'
import type { OutgoingEvent } from './event-view.ts'
import { IDS_KEPT_MS } from './gc.ts'
import type { Parts } from './parts.ts'

/** What `send` gives: the ids of the events, in their order. */
export interface Sent {
  readonly ids: readonly string[]
}

/** Takes events in: each id once a day. */
export class Sender {
  readonly #parts: Parts
  readonly #door: Door
  /** Ids that are being stored. */
  readonly #storing = new Map<string, Promise<void>>()

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
    const outgoing = checked.map(event => this.#outgoing(event, now))
    await this.#once(outgoing, now)
    return { ids: outgoing.map(({ body }) => body.id) }
  }

  /** A signal is an event that only `waitForSignal` sees. */
  async signal(signal: string, data: unknown): Promise<void> {
    this.#door.mustTakeRequests()
    mustBeSignal(signal)
    const now = this.#parts.time.stamp().at
    const event = { name: SIGNAL_EVENT, data: { signal, data }, ts: now, id: undefined }
    await this.#parts.events.dispatcher.send([this.#outgoing({ ...event, v: undefined }, now)])
  }

  // Two calls with one id must not both find that it is new.
  async #once(outgoing: readonly OutgoingEvent[], now: number): Promise<void> {
    const { journal, events } = this.#parts
    const fresh: OutgoingEvent[] = []
    const waits: Promise<unknown>[] = []
    const own = new Set<string>()
    let stored = (): void => {}
    let failed = (_: unknown): void => {}
    const storing = new Promise<void>((resolve, reject) => {
      stored = resolve
      failed = reject
    })
    storing.catch(() => {})
    try {
      for (const event of outgoing) {
        const { id } = event.body
        if (!event.dedupe) fresh.push(event)
        else if (own.has(id)) continue
        else if (this.#storing.has(id)) waits.push(this.#storing.get(id) ?? storing)
        else {
          own.add(id)
          this.#storing.set(id, storing)
          if (!(await journal.knowsEvent(id, now - IDS_KEPT_MS))) fresh.push(event)
        }
      }
      this.#door.mustTakeRequests()
      if (fresh.length > 0) await events.dispatcher.send(fresh)
      stored()
    } catch (error) {
      failed(error)
      throw error
    } finally {
      for (const id of own) this.#storing.delete(id)
    }
    await Promise.all(waits)
  }

  #outgoing({ name, data, id, ts, v }: CheckedEvent, now: number): OutgoingEvent {
    const { limits, ids } = this.#parts.settings
    const body: EventBody = {
      ...{ name, id: id ?? ids.event(now), ts: ts ?? now },
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
