import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { EventReceived, Listener } from '../../journal/entry.ts'
import type { Duration } from '../define/duration.ts'
import type { MadeEvent } from '../define/event.ts'
import { SIGNAL_EVENT } from '../define/event-name.ts'
import type { EventSteps } from '../define/event-steps.ts'
import { parseData } from '../define/parse-data.ts'
import type { ReceivedEvent } from '../define/received-event.ts'
import {
  type CheckedEvent,
  checkedEvents,
  mustFitTogether,
  NO_SCHEMA,
  OWN_SCHEMA,
} from '../define/sending.ts'
import type { WaitTimer } from '../define/wait-options.ts'
import { type AnyWait, anyWaits, eventWait, signalWait, waitTimer } from '../define/waits.ts'
import type { Call, SentEvent } from './call.ts'
import { eventId } from './chance.ts'
import { type ChildCall, checkedChild, isGathered, lateChild, unknownChild } from './child-call.ts'
import type { LiveCode } from './code.ts'
import type { Listening, RunFacts, Waiting } from './listening.ts'
import { mustBeStepId } from './step-id.ts'

const WHOLE = 'event'

/** The part of `step` that waits for what happens outside of the run, or makes it happen. */
export class EventTools implements EventSteps {
  readonly #code: LiveCode
  readonly #facts: RunFacts
  readonly #listening: Listening

  constructor(code: LiveCode, facts: RunFacts) {
    this.#code = code
    this.#facts = facts
    this.#listening = facts.listening
  }

  waitForEvent(id: string, options: unknown): Promise<never> {
    return this.#attempt(id, () => {
      const { timeout, since, ...what } = eventWait(mustBeStepId(id), options)
      return this.#wait(id, this.#listeners([{ kind: 'event', key: WHOLE, ...what }]), {
        due: this.#dueIn(timeout),
        since,
        received: eventOf,
        expired: () => null,
      })
    })
  }

  waitForAny(id: string, sources: unknown): Promise<never> {
    return this.#attempt(id, () => {
      const waits = anyWaits(mustBeStepId(id), sources)
      const timers = waits.flatMap(wait => (wait.kind === 'timer' ? [wait] : []))
      const [first] = timers.sort((a, b) => a.duration - b.duration)
      return this.#wait(id, this.#listeners(waits), {
        due: first && this.#dueIn(first.duration),
        received: input => ({ key: input.key, event: eventOf(input) }),
        expired: () => ({ key: first?.key }),
      })
    })
  }

  timer(duration: Duration): WaitTimer {
    try {
      return waitTimer(duration)
    } catch (error) {
      throw this.#code.given.note(error)
    }
  }

  waitForSignal(id: string, options: unknown): Promise<never> {
    return this.#attempt(id, () => {
      const { signal, timeout } = signalWait(mustBeStepId(id), options)
      const what = { event: SIGNAL_EVENT, if: 'event.data == async.data.signal' }
      const self = { ...this.#facts.event, data: signal }
      const { at } = this.#code.moment
      const listener = this.#listening.listener(WHOLE, what, self, at)
      return this.#wait(id, listener === undefined ? [] : [listener], {
        due: this.#dueIn(timeout),
        received: ({ data }) => (decodeValue(data) as { data: unknown }).data,
        expired: () => null,
      })
    })
  }

  invoke(id: string, options: unknown): Promise<never> {
    return this.#attempt(id, () => {
      const child = checkedChild(mustBeStepId(id), options)
      if (this.#code.isRecorded('child.started', id)) return this.#invoke(id, child, undefined)
      const known = this.#listening.workflow(child.workflow.id)
      if (known === undefined) throw unknownChild(id, child.workflow.id)
      const abandon = child.abandon || isGathered(known)
      const given = { ...child, workflow: known, abandon }
      const start = (data: unknown): Promise<unknown> => this.#invoke(id, given, { data })
      return this.#whenChecked(id, parseData(known, child.data), start)
    })
  }

  // Of a child that was started before nothing is needed but that it was.
  #invoke(
    id: string,
    { workflow, timeout, abandon }: ChildCall,
    given: { readonly data: unknown } | undefined,
  ): Promise<unknown> {
    const due = timeout === undefined ? {} : { due: this.#dueIn(timeout) }
    return this.#code.ask({
      id,
      ...(given && { child: { workflow, data: encodeValue(given.data, this.#listening.values) } }),
      expired: () => lateChild(id, workflow.id),
      command: (id, shielded) => ({
        type: 'child.started',
        id,
        ...(shielded && { shielded }),
        // Named when the call gets its place.
        child: '',
        workflow: workflow.id,
        ...(abandon && { abandon }),
        ...due,
      }),
    })
  }

  sendEvent(
    id: string,
    events: MadeEvent | readonly MadeEvent[],
  ): Promise<{ readonly ids: readonly string[] }> {
    return this.#attempt(id, () => {
      const isSent = this.#code.isRecorded('event.sent', mustBeStepId(id))
      const schemaFor = isSent ? NO_SCHEMA : (this.#listening.schemaFor ?? OWN_SCHEMA)
      const checked = checkedEvents(events, `Step '${id}'`, schemaFor)
      return this.#whenChecked(id, checked, ready => this.#send(id, ready, isSent))
    })
  }

  #send(id: string, events: readonly CheckedEvent[], isSent: boolean): Promise<unknown> {
    const { seed } = this.#facts
    const { values } = this.#listening
    const { at } = this.#code.moment
    const data = isSent ? [] : events.map(event => encodeValue(event.data, values))
    const bytes = data.reduce((sum, { length }) => sum + length, 0)
    mustFitTogether(bytes, values.bytes ?? bytes, `Step '${id}'`)
    const sends = (step: string): SentEvent[] =>
      events.map(({ name, id: given, ts, v }, n) => ({
        body: {
          ...{ name, id: given ?? eventId(seed, step, n), ts: ts ?? at },
          ...(v !== undefined && { v }),
          data: data[n] ?? new Uint8Array(),
        },
        dedupe: given !== undefined,
      }))
    return this.#code.ask({
      id,
      sends,
      command: (id, shielded) => ({
        type: 'event.sent',
        id,
        ...(shielded && { shielded }),
        events: sends(id).map(({ body: { name, id } }) => ({ name, id })),
      }),
    })
  }

  // Schemas may take their time.
  #whenChecked<Checked>(
    id: string,
    checked: Checked | Promise<Checked>,
    go: (checked: Checked) => Promise<unknown>,
  ): Promise<unknown> {
    if (!(checked instanceof Promise)) return go(checked)
    return this.#code.unawaited.later(id, checked.then(go))
  }

  #listeners(waits: readonly AnyWait[]): Listener[] {
    const { event } = this.#facts
    return waits.flatMap(wait => {
      if (wait.kind === 'timer') return []
      return this.#listening.listener(wait.key, wait, event, this.#code.moment.at) ?? []
    })
  }

  #wait(id: string, on: readonly Listener[], wait: Waiting): Promise<unknown> {
    const since = wait.since ?? this.#code.hearing.since
    const { due, received, expired } = wait
    const call: Call = {
      id,
      received,
      expired,
      command: (id, shielded) => ({
        type: 'wait.set',
        id,
        ...(shielded && { shielded }),
        on,
        ...(since !== undefined && { since }),
        ...(due !== undefined && { due }),
      }),
    }
    return this.#code.ask(call)
  }

  #dueIn(ms: number): number {
    return Math.ceil(this.#code.moment.elapsed + ms)
  }

  // What is wrong with a call is thrown where it is awaited.
  #attempt(id: unknown, call: () => Promise<unknown>): Promise<never> {
    try {
      if (this.#code.whereabouts.body === undefined) return call() as Promise<never>
    } catch (error) {
      return this.#code.refuse(id, error)
    }
    return this.#code.refuse(id, undefined)
  }
}

const eventOf = ({ event, data }: EventReceived): ReceivedEvent => ({
  ...event,
  data: decodeValue(data),
})
