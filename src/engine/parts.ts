import type { Input } from '../../journal/entry.ts'
import type { PerdureError } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { OpenedJournal } from '../../journal/open.ts'
import type { EngineError } from '../define/error.ts'
import type { LiveCode } from '../run/code.ts'
import type { CodeHost } from '../run/replay.ts'
import type { ScopedWait } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import { useScopes } from '../run/scopes.ts'
import { Alarm } from '../timers/alarm.ts'
import { stepLimits } from './admission-parts.ts'
import { type AnswerRules, answer } from './answer.ts'
import { Attempts } from './attempts.ts'
import { codeHost, rest } from './code-host.ts'
import { Delivery } from './delivery.ts'
import { EventParts, listeningOf } from './event-parts.ts'
import { Feed } from './feed.ts'
import { type Collected, type Collection, Collector } from './gc.ts'
import { Loop } from './loop.ts'
import type { EngineSettings } from './options.ts'
import { Outcomes } from './outcomes.ts'
import { Performer } from './performer.ts'
import { Postman } from './postman.ts'
import type { Recovery } from './recovery.ts'
import { asideFor, newRecovery, watch } from './recovery-host.ts'
import type { Refusal } from './refusal.ts'
import { rerun } from './rerun.ts'
import { Residents } from './residents.ts'
import { Time } from './time.ts'
import { unreadable } from './unreadable.ts'

/**
 * The composition root: the parts of an engine, wired. Every effect of an engine is in one of them.
 * What a part needs of the others it is given here, as functions.
 */
export class Parts {
  readonly settings: EngineSettings
  readonly opened: OpenedJournal
  readonly time: Time
  readonly outcomes = new Outcomes()
  readonly feed: Feed
  readonly loop: Loop
  readonly attempts: Attempts
  readonly alarm: Alarm
  readonly residents: Residents
  readonly recovery: Recovery
  readonly postman: Postman
  readonly events: EventParts
  /** Runs whose records are damaged: they are left alone. */
  readonly damaged = new Map<string, unknown>()
  /** Set once the engine takes no more requests. */
  leaving: Refusal<PerdureError> | undefined
  /** Set once the journal cannot be read any more. */
  closed: Refusal<EngineError> | undefined
  /** Which step body or shield a call is made in. */
  readonly scoping = useScopes()
  readonly #collector = new Collector()
  readonly #host: CodeHost
  readonly performer: Performer
  readonly #delivery: Delivery

  constructor(opened: OpenedJournal, settings: EngineSettings, failed: (error: unknown) => void) {
    this.opened = opened
    this.settings = settings
    const { clock, limits, logger } = settings
    this.time = new Time(clock, opened.journal.tip)
    this.feed = new Feed(limits.subscriberEntries)
    const woke = (run: string, code: LiveCode): void => this.#delivery.woke(run, code)
    this.#host = codeHost(this.scoping.scopes, clock, logger, listeningOf(this), woke)
    this.loop = this.#newLoop(failed)
    this.attempts = this.#newAttempts()
    this.alarm = this.#newAlarm(failed)
    this.recovery = newRecovery(opened, settings, failed)
    this.residents = this.#newResidents(failed)
    this.postman = new Postman(
      this.loop,
      this.residents,
      run => this.#mustBeReadable(run),
      run => this.events.discard(run),
    )
    this.#delivery = new Delivery(this, this.#host)
    this.performer = new Performer(this)
    this.events = new EventParts(this, failed)
  }

  get journal(): OpenedJournal['journal'] {
    return this.opened.journal
  }

  /** Begins nothing more: no request, no step, no timer. What runs may end and be recorded. */
  leave(refusal: Refusal<EngineError>): void {
    this.leaving = refusal
    this.alarm.stop()
    this.events.scheduler.stop()
    this.events.admission.usher.stop()
    this.attempts.leave(refusal)
    this.#delivery.leave()
  }

  /**
   * What a run's chance and idempotency keys come from. When an id is used again, its first run was
   * removed: the journal has got to another commit.
   */
  seedOf(run: string): string {
    const { ids } = this.settings
    return ids.seed?.(run) ?? `${this.opened.meta.id}/${this.journal.tip.commit}/${run}`
  }

  newRunId(): string {
    return this.settings.ids.run(this.time.stamp().at)
  }

  /** Starts a new run from what a failed one recorded. Gives its id. */
  rerun(head: Head, from: string | undefined): Promise<string> {
    return rerun(head, from, this)
  }

  /** Removes runs that ended longer ago than the retention says, or than is asked for. */
  gc(what?: Collection): Promise<Collected> {
    return this.#collector.collect(what, {
      ...{ journal: this.journal, now: this.time.stamp(), retention: this.settings.retention },
      dispatcher: this.events.dispatcher,
      forget: run => this.residents.forget(run),
      forgetMarks: (...what) => this.events.admission.forgetMarks(...what),
    })
  }

  #mustBeReadable(run: string): void {
    const reason = this.leaving?.error ?? this.damaged.get(run)
    if (reason !== undefined) throw reason
  }

  #newLoop(failed: (error: unknown) => void): Loop {
    const { limits } = this.settings
    const rules: AnswerRules = {
      values: { bytes: limits.valueBytes },
      entriesPerRun: limits.entriesPerRun,
      now: () => this.time.now(),
      newRunId: () => this.newRunId(),
      seedOf: run => this.seedOf(run),
      scheduling: arrival => this.events.origins.entries(arrival),
      arrival: (...what) => this.events.origins.of(...what),
      ending: (...what) => this.events.ending(...what),
      follower: (...what) => this.events.follower(...what),
    }
    return new Loop({
      rest,
      failed,
      stamp: () => this.time.stamp(),
      holdTime: () => this.time.hold(),
      releaseTime: () => this.time.release(),
      enters: (...what) => this.events.admission.enters(...what),
      deliver: turn => this.#delivery.deliver(turn),
      defective: (run, error) => this.#delivery.park(run, 'ENGINE_DEFECT', error),
      answer: turn => {
        answer(turn, rules)
        if (!turn.live || turn.run.ledger.backoff !== undefined) turn.run.code = undefined
        if (turn.live) this.#delivery.rested(turn.run)
      },
      lookBack: turns => this.events.before(turns),
      write: turns => this.events.dispatcher.write(turns),
      revive: run => void this.residents.revive(run),
      perform: turn => {
        this.performer.perform(turn)
        watch(this.recovery, turn.run, this.time)
      },
    })
  }

  #newAttempts(): Attempts {
    const { clock, limits, concurrency, bodies } = this.settings
    const host = {
      now: () => this.time.now(),
      ended: (run: Run, input: Input, pauses: ScopedWait | undefined) =>
        this.loop.send(run, { input, ...(pauses !== undefined && { pauses }) }),
      hold: (run: Run, pauses: ScopedWait) => this.events.admission.hold(run, pauses),
      dropped: (run: Run) => this.residents.release(run),
      claimOf: (run: Run) => this.events.admission.claimOf(run),
      limits: stepLimits(() => this.events.admission),
      // Last: to add fields to what was spread is slow.
      ...{ clock, bodies, scopes: this.scoping.scopes, values: { bytes: limits.valueBytes } },
    }
    return new Attempts(host, concurrency)
  }

  #newAlarm(failed: (error: unknown) => void): Alarm {
    return new Alarm({
      failed,
      now: () => this.time.now(),
      alarm: (...what) => this.settings.clock.alarm(...what),
      stored: (clock, from, before) => this.journal.timers(clock, from, before),
      fire: due => this.postman.fire(due),
    })
  }

  #newResidents(failed: (error: unknown) => void): Residents {
    const { workflows, limits } = this.settings
    return new Residents({
      code: this.#host,
      journal: this.journal,
      workflows,
      most: limits.residentRuns,
      mail: run => this.events.mailbag.take(run),
      deliver: (run, mail) => this.loop.send(run, mail),
      keep: (run, mail) => this.events.mailbag.add(run, mail),
      now: () => this.time.now(),
      revived: run => {
        this.performer.pending(run)
        this.loop.wake(run)
        watch(this.recovery, run, this.time)
      },
      park: (run, code, report) => this.#delivery.park(run, code, report),
      admit: run => this.recovery.admit(run),
      over: run => void this.recovery.leave(run),
      aside: run => asideFor(this.recovery, run),
      unreadable: (run, error) => unreadable(this, run, error, failed),
    })
  }
}
