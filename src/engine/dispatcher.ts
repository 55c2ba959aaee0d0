import { type EventBody, received, type StoredEvent } from '../../journal/event.ts'
import type { Group } from '../../journal/group.ts'
import type { Journal } from '../../journal/journal.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { viewOf } from '../router/event-view.ts'
import type { EventView, Target } from '../router/listeners.ts'
import type { Triggers } from '../router/triggers.ts'
import type { Moment, ScopedWait } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import { Aftermath } from './aftermath.ts'
import type { Arrival } from './arrival.ts'
import { Arrivals, type ArrivalsHost } from './arrivals.ts'
import { Inboxes, type InboxesHost } from './inboxes.ts'
import { listen } from './listen.ts'
import { Newest } from './newest.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import { type Born, isWritten, type Ordered, type Turn } from './turn.ts'

export interface DispatcherHost extends InboxesHost {
  readonly journal: Journal
  readonly triggers: Triggers
  /** When the journal was opened, by the wall clock. */
  readonly opened: number
  stamp(): Moment
  /** The run that an event starts. */
  arrival(workflow: AnyWorkflow, event: EventBody, view: EventView, moment: Moment): Arrival
  /** Makes others wait because of a run. */
  pause(group: Group, run: Run, wait: ScopedWait): void
  /** Acts on runs that were started, once they are durable. */
  started(born: readonly Born[]): void
  /** Brings a run into memory that has mail. */
  fetch(run: string): void
  /** A condition could not be evaluated: it counts as not met. */
  unmet(facts: object, error: unknown): void
}

/**
 * Writes turns and events. An event is one change, whatever it touches: it is stored, cancels what it
 * cancels, resumes what it resumes and starts what it starts, all in the write that it comes with.
 */
export class Dispatcher {
  readonly #host: DispatcherHost
  readonly newest: Newest
  readonly #inboxes: Inboxes
  readonly #arrivals: Arrivals
  /** Set while somebody looks back: what is stored meanwhile. */
  #watchers = new Set<(event: StoredEvent, row: string) => void>()

  constructor(
    host: DispatcherHost,
    arrivals: Pick<ArrivalsHost, 'reception' | 'values' | 'entries' | 'anew'>,
  ) {
    this.#host = host
    this.#inboxes = new Inboxes(host)
    this.#arrivals = new Arrivals({
      reception: arrivals.reception,
      values: arrivals.values,
      entries: arrivals.entries,
      anew: arrivals.anew,
      gatherers: host.gatherers,
      residents: host.residents,
      inboxes: this.#inboxes,
      listen: (...what) => listen(host.listeners, ...what),
    })
    this.newest = new Newest(host.opened)
  }

  /** How many events there ever were. */
  get heard(): number {
    return this.#host.journal.tip.counts.events
  }

  /** Writes the turns of a pass. */
  write(turns: readonly Turn[]): Promise<void> {
    const { journal } = this.#host
    if (!turns.some(isWritten)) return journal.append([])
    return this.#change((group, after) => {
      for (const turn of turns) if (turn.enters) this.#arrivals.enter(group, turn, after)
      // One write has no before and after: what a turn sends is heard by who begins to wait with it.
      for (const turn of turns) this.#heed(turn)
      for (const turn of turns) this.#writeTurn(group, turn, after)
    })
  }

  /** Sends events, in their order, all in one commit. Resolves when it is durable. */
  send(events: readonly OutgoingEvent[]): Promise<void> {
    const moment = this.#host.stamp()
    return this.#change((group, after) => {
      for (const { body, dedupe } of events) this.#dispatch(group, body, dedupe, moment, after)
    })
  }

  /** Starts runs and asks others to end, in one commit with what `edit` writes. */
  schedule(edit: (group: Group) => void, { start, cancel, reason }: Ordered): Promise<void> {
    const input = { type: 'run.cancel_requested', reason } as const
    return this.#change((group, after) => {
      edit(group)
      for (const each of start) this.#arrive(group, each, after)
      for (const run of cancel) this.#inboxes.post(group, { run, input }, after)
    })
  }

  /** Lets runs begin that waited to: says so in their inboxes, in one commit with what it uses up. */
  admit(choose: (group: Group) => readonly string[]): Promise<void> {
    const moment = this.#host.stamp()
    return this.#change((group, after) => {
      group.passTime(moment)
      for (const run of choose(group)) this.#inboxes.post(group, { run, input: STARTED }, after)
    })
  }

  /** Tells of each event that is stored from now on. Returns how to end it. */
  watch(see: (event: StoredEvent, row: string) => void): () => void {
    this.#watchers.add(see)
    return () => void this.#watchers.delete(see)
  }

  #change(edit: (group: Group, after: Aftermath) => void): Promise<void> {
    const after = new Aftermath()
    const durable = this.#host.journal.change(group => edit(group, after))
    this.#follow(durable, after)
    return durable
  }

  #heed({ run, changes, posts }: Turn): void {
    listen(this.#host.listeners, run.id, changes)
    // What a look back has found comes first.
    for (const { run, row } of posts) {
      if (row?.type === 'event.delivered') this.#host.listeners.remove(run, row.of)
    }
  }

  #writeTurn(group: Group, turn: Turn, after: Aftermath): void {
    const { run, record, mail, moment } = turn
    if (record !== undefined) group.addRecord(record, run.ledger)
    if (mail.posted !== undefined) this.#inboxes.take(group, turn, mail.posted, after)
    if (turn.pauses !== undefined) this.#host.pause(group, run, turn.pauses)
    for (const each of turn.arrivals) this.#arrive(group, each, after, turn)
    if (isFinal(run.ledger.status)) this.#arrivals.close(group, turn, after)
    for (const post of turn.posts) this.#inboxes.post(group, post, after)
    for (const { body, dedupe } of turn.sends) this.#dispatch(group, body, dedupe, moment, after)
  }

  // What a turn starts is begun with that turn.
  #arrive(group: Group, arrival: Arrival, after: Aftermath, turn?: Turn): void {
    const come = this.#arrivals.arrive(group, arrival, this.heard, after)
    if (come !== undefined) (turn ?? after).born.push(come)
  }

  // Cancel, resume, start: a run that is started by an event cannot be cancelled by the same one.
  #dispatch(
    group: Group,
    body: EventBody,
    dedupe: boolean,
    moment: Moment,
    after: Aftermath,
  ): void {
    const { listeners, triggers, unmet } = this.#host
    const row = group.addEvent(body, moment, dedupe)
    const stored = { at: moment.at, ...body }
    this.newest.note(body.name, moment.at)
    for (const see of this.#watchers) see(stored, row)
    const event = viewOf(body)
    const heard = listeners.hear(event, moment.at, (target, error) => unmet({ ...target }, error))
    const cancelled = new Set<string>()
    for (const target of heard)
      if (target.kind === 'cancel') this.#cancel(group, target, event, after, cancelled)
    for (const target of heard) {
      if (target.kind !== 'wait' || cancelled.has(target.run)) continue
      // One wait may listen for it in two ways: the first counts.
      if (!listeners.remove(target.run, target.seq)) continue
      const delivered = { type: 'event.delivered', of: target.seq, key: target.key, row } as const
      const input = received(delivered, stored)
      this.#inboxes.post(group, { run: target.run, input, row: delivered }, after)
    }
    const copy = () => viewOf(body)
    const startedBy = triggers.startedBy(event, { now: moment.at, copy, unmet })
    for (const workflow of startedBy) {
      this.#arrive(group, this.#host.arrival(workflow, body, event, moment), after)
    }
  }

  #cancel(
    group: Group,
    { run, seq }: Target,
    { name, id }: EventView,
    after: Aftermath,
    cancelled: Set<string>,
  ): void {
    this.#host.listeners.remove(run, seq)
    if (cancelled.has(run)) return
    cancelled.add(run)
    const input = { type: 'run.cancel_requested', reason: `event ${name} ${id}` } as const
    this.#inboxes.post(group, { run, input }, after)
  }

  /** Makes it known what a run listens for that was written otherwise. */
  adopt({ id, ledger }: Run): void {
    const opened = Array.from(ledger.open.values(), what => ({ op: 'opened', what }) as const)
    listen(this.#host.listeners, id, opened)
  }

  // Of a write that fails the journal tells the engine itself.
  #follow(durable: Promise<void>, after: Aftermath): void {
    for (const { run, record } of after.born) run.evolve(record)
    if (after.born.length + after.mailed.length === 0) return
    durable.then(
      () => {
        this.#host.started(after.born)
        for (const run of after.mailed) this.#host.fetch(run)
      },
      () => {},
    )
  }
}

const STARTED = { type: 'run.started' } as const
