import type { Entry } from '../../journal/entry.ts'
import { saysNoSuchRun } from '../../journal/error.ts'
import { type EventBody, received } from '../../journal/event.ts'
import type { InboxInput, StoredWait } from '../../journal/event-reader.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { eventSchemas } from '../define/event-schemas.ts'
import type { SchemaFor } from '../define/sending.ts'
import { viewOf } from '../router/event-view.ts'
import { Expressions } from '../router/folding.ts'
import { Listeners } from '../router/listeners.ts'
import { Triggers } from '../router/triggers.ts'
import type { Listening } from '../run/listening.ts'
import type { Moment } from '../run/retry.ts'
import type { Mail, Run } from '../run/run.ts'
import { AdmissionParts } from './admission-parts.ts'
import { Claims } from './claims.ts'
import { Dispatcher } from './dispatcher.ts'
import { Door } from './door.ts'
import { endingOf, type Follower, followerOf, isQuiet } from './endings.ts'
import { EventIds } from './event-ids.ts'
import { Lookback } from './lookback.ts'
import { Mailbag } from './mailbag.ts'
import { Marks } from './marks.ts'
import { Origins } from './origins.ts'
import type { Parts } from './parts.ts'
import { schedulerOf } from './schedule-parts.ts'
import type { Scheduler } from './scheduler.ts'
import type { Turn } from './turn.ts'

/** The parts of an engine that know events, wired. */
export class EventParts {
  readonly expressions = new Expressions()
  readonly listeners = new Listeners()
  readonly mailbag = new Mailbag()
  readonly triggers: Triggers
  readonly origins: Origins
  readonly admission: AdmissionParts
  readonly dispatcher: Dispatcher
  readonly lookback: Lookback
  readonly claims = new Claims()
  readonly ids: EventIds
  readonly scheduler: Scheduler
  readonly marks: Marks
  readonly schemaFor: SchemaFor
  readonly #parts: Parts

  constructor(parts: Parts, failed: (error: unknown) => void) {
    this.#parts = parts
    const { settings, journal, time } = parts
    const { workflows, logger } = settings
    const unmet = (facts: object, error: unknown): void =>
      logger.error({ ...facts, error }, 'a condition could not be evaluated: it counts as not met')
    this.ids = new EventIds({ journal, now: () => time.stamp().at })
    this.marks = new Marks(journal, parts.opened.meta)
    this.schemaFor = this.marks.seeing(eventSchemas(workflows.values()))
    this.triggers = new Triggers(workflows.values(), this.expressions)
    this.origins = new Origins({
      expressions: this.expressions,
      newRunId: () => parts.newRunId(),
      seedOf: run => parts.seedOf(run),
      unmet,
    })
    this.admission = new AdmissionParts(parts, this, failed)
    this.dispatcher = new Dispatcher(
      {
        journal,
        loop: parts.loop,
        residents: parts.residents,
        mailbag: this.mailbag,
        listeners: this.listeners,
        gatherers: this.admission.admission.gatherers,
        triggers: this.triggers,
        // As events are stamped: after the clock was set back that is later than it shows.
        opened: time.stamp().at,
        stamp: () => time.stamp(),
        arrival: (...what) => this.origins.ofEvent(...what),
        pause: (...what) => this.admission.pauseFor(...what),
        started: born => {
          for (const each of born) parts.performer.begin(each)
        },
        fetch: run => parts.postman.fetch(run),
        unmet,
      },
      {
        reception: this.admission.reception,
        values: { bytes: settings.limits.valueBytes },
        entries: arrival => this.origins.entries(arrival),
        anew: (...what) => this.origins.anew(...what),
      },
    )
    this.scheduler = schedulerOf(parts, this, failed)
    this.lookback = new Lookback({
      journal,
      dispatcher: this.dispatcher,
      retention: settings.retention,
      matcher: on => {
        const heard = new Listeners()
        heard.add('', 0, 'wait', on)
        return event => {
          const [target] = heard.hear(viewOf(event), event.at, unmet)
          return on.find(({ key }) => key === target?.key)
        }
      },
    })
  }

  /** A run that was written otherwise. */
  adopt(run: Run): void {
    this.dispatcher.adopt(run)
    const { schedule } = run.ledger
    if (schedule !== undefined) this.scheduler.began(schedule, run.id)
  }

  /** What was open when the journal was opened. Answers the runs that have mail. */
  async recall(waits: readonly StoredWait[], inbox: readonly InboxInput[]): Promise<void> {
    for (const { run, seq, kind, on } of waits) {
      this.listeners.add(run, seq, kind === 'wait' ? 'wait' : 'cancel', on)
    }
    for (const { run, n, input } of inbox) {
      if (input.type === 'run.cancel_requested') this.listeners.removeAll(run, 'cancel')
      if (input.type !== 'event.delivered') this.mailbag.add(run, { input, posted: n })
      else {
        this.listeners.remove(run, input.of)
        const event = await this.#parts.journal.event(input.row)
        this.mailbag.add(run, { input: received(input, event), posted: n })
      }
    }
  }

  /** What has to be read before turns are written, if anything. */
  before(turns: readonly Turn[]): Promise<() => void> | undefined {
    const isReading = this.ids.concern(turns)
    const looking = this.lookback.look(turns)
    return isReading ? this.#before(turns, looking) : looking
  }

  // Ids last: they are taken for these turns, so nothing may fail any more before these are written.
  async #before(turns: readonly Turn[], looking?: Promise<() => void>): Promise<() => void> {
    const looked = await looking
    const sifted = await this.ids.before(turns)
    return () => {
      looked?.()
      sifted()
    }
  }

  /** The event that tells of a run's end, if anybody listens. Runs that such events start tell of none. */
  ending(run: Run, entries: readonly Entry[], { at }: Moment): EventBody[] {
    if (run.ledger.outcome === undefined || run.ledger.hadEnded) return []
    if (isQuiet(run.ledger.startedBy)) return []
    const name = `perdure/run.${run.ledger.status}`
    if (this.triggers.named(name).length === 0 && !this.listeners.has(name)) return []
    const event = endingOf(run, entries, at)
    return event === undefined ? [] : [event]
  }

  /** What handles a run's end, with steps of its own. */
  follower(run: Run, entries: readonly Entry[], { at }: Moment): Follower | undefined {
    return run.ledger.hadEnded ? undefined : followerOf(run, entries, at)
  }

  /**
   * Mail for a run that has ended, or was removed, comes to nothing, unless it cancels one that has
   * continued as another. Other mail stays.
   */
  async discard(run: string): Promise<void> {
    const { journal } = this.#parts
    const head = await journal.head(run)
    if (head !== undefined && !isFinal(head.status)) return
    const mails = this.mailbag.take(run)
    if (mails.length === 0) return
    const cancels = mails.find(({ input }) => input.type === 'run.cancel_requested')
    // What cannot be asked now stays in the inbox, and is asked at the next opening.
    if (cancels !== undefined) await this.#askLast(run, cancels)
    await journal.change(group => {
      for (const { posted } of mails) if (posted !== undefined) group.take(run, posted)
    })
  }

  async #askLast(run: string, { input }: Mail): Promise<void> {
    try {
      await new Door(this.#parts).ask(run, input)
    } catch (error) {
      if (!saysNoSuchRun(error)) throw error
    }
  }
}

/** What the code of runs needs to wait for events. */
export const listeningOf = (parts: Parts): Listening => ({
  values: { bytes: parts.settings.limits.valueBytes },
  schemaFor: (...what) => parts.events.schemaFor(...what),
  workflow: id => parts.settings.workflows.get(id),
  listener: (key, what, ...where) => {
    parts.events.marks.see(what.event, what.schema)
    return parts.events.expressions.listener(key, what, ...where)
  },
})
