import { AsyncLocalStorage } from 'node:async_hooks'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { Input } from '../../journal/entry.ts'
import { PerdureError } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { OpenedJournal } from '../../journal/open.ts'
import type { EngineError } from '../define/error.ts'
import { begins } from '../run/admit.ts'
import type { Scope } from '../run/call.ts'
import { beginCode, type CodeHost, newCode } from '../run/replay.ts'
import { Run } from '../run/run.ts'
import { Alarm } from '../timers/alarm.ts'
import { answer } from './answer.ts'
import { Attempts } from './attempts.ts'
import { codeHost, rest } from './code-host.ts'
import { Feed } from './feed.ts'
import { type Collected, collectGarbage } from './gc.ts'
import { Loop } from './loop.ts'
import type { EngineSettings } from './options.ts'
import { Outcomes } from './outcomes.ts'
import { Performer, restsOnItsOwn } from './performer.ts'
import { Postman } from './postman.ts'
import { rerun } from './rerun.ts'
import { Residents } from './residents.ts'
import { Time } from './time.ts'
import type { Turn } from './turn.ts'

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
  readonly postman: Postman
  /** Runs whose records are damaged: they are left alone. */
  readonly damaged = new Map<string, unknown>()
  /** Set once the engine takes no more requests. */
  leaving: PerdureError | undefined
  /** Set once the journal cannot be read any more. */
  closed: EngineError | undefined
  /** Which step body or shield a call is made in. */
  readonly scopes = new AsyncLocalStorage<Scope>()
  #collecting: Promise<unknown> = Promise.resolve()
  readonly #host: CodeHost
  readonly #performer: Performer

  constructor(opened: OpenedJournal, settings: EngineSettings, failed: (error: unknown) => void) {
    this.opened = opened
    this.settings = settings
    const { clock, limits, logger } = settings
    const { scopes } = this
    this.time = new Time(clock, opened.journal.tip)
    this.feed = new Feed(limits.subscriberEntries)
    this.#host = codeHost(scopes, clock, logger, (run, code) => this.#woke(run, code))
    this.loop = this.#newLoop(failed)
    this.attempts = this.#newAttempts()
    this.alarm = this.#newAlarm(failed)
    this.residents = this.#newResidents(failed)
    this.postman = new Postman(this.loop, this.residents, run => this.#mustBeReadable(run))
    this.#performer = new Performer(this)
  }

  get journal(): OpenedJournal['journal'] {
    return this.opened.journal
  }

  /** Begins nothing more: no request, no step, no timer. What runs may end and be recorded. */
  leave(error: EngineError): void {
    this.leaving = error
    this.alarm.stop()
    this.attempts.leave()
  }

  /** What a run's recorded chance and its idempotency keys come from. */
  seedOf(run: string): string {
    return `${this.opened.meta.id}/${run}`
  }

  newRunId(): string {
    return this.settings.ids.run(this.time.stamp().at)
  }

  /** Starts a new run from what a failed one recorded. Gives its id. */
  async rerun(head: Head, from: string | undefined): Promise<string> {
    const id = this.newRunId()
    const next = new Run(id, this.settings.workflows.get(head.workflow))
    await rerun(head, from, next, this.time.stamp(), this.journal)
    await this.residents.load(id)
    return id
  }

  /** Removes runs that ended longer ago than the retention says; one collection at a time. */
  gc(): Promise<Collected> {
    const before = this.time.stamp().at - this.settings.retention
    const collecting = this.#collecting.then(() =>
      collectGarbage(this.opened, before, run => this.residents.forget(run)),
    )
    this.#collecting = collecting.catch(() => {})
    return collecting
  }

  #mustBeReadable(run: string): void {
    const reason = this.leaving ?? this.damaged.get(run)
    if (reason !== undefined) throw reason
  }

  #newLoop(failed: (error: unknown) => void): Loop {
    const { limits } = this.settings
    const rules = {
      values: { bytes: limits.valueBytes },
      entriesPerRun: limits.entriesPerRun,
      newRunId: () => this.newRunId(),
      seedOf: (run: string) => this.seedOf(run),
    }
    return new Loop({
      journal: this.journal,
      rest,
      failed,
      stamp: () => this.time.stamp(),
      deliver: turn => this.#deliver(turn),
      answer: turn => {
        answer(turn, rules)
        if (turn.successor !== undefined) this.residents.add(turn.successor.run)
        if (!turn.live || turn.run.ledger.backoff !== undefined) turn.run.code = undefined
        if (turn.live && restsOnItsOwn(turn.run)) this.#warn(turn.run.id, undefined)
      },
      revive: run => void this.residents.revive(run),
      perform: turn => this.#performer.perform(turn),
    })
  }

  #newAttempts(): Attempts {
    const { clock, limits, concurrency } = this.settings
    const host = {
      clock,
      scopes: this.scopes,
      values: { bytes: limits.valueBytes },
      stamp: () => this.time.stamp(),
      ended: (run: Run, input: Input) => this.loop.send(run, { input }),
      dropped: (run: Run) => this.residents.release(run),
    }
    return new Attempts(host, concurrency)
  }

  #newAlarm(failed: (error: unknown) => void): Alarm {
    return new Alarm({
      failed,
      now: () => this.time.now(),
      alarm: (ms, ring) => this.settings.clock.alarm(ms, ring),
      stored: (clock, from, before) => this.journal.timers(clock, from, before),
      fire: due => this.postman.fire(due),
    })
  }

  #newResidents(failed: (error: unknown) => void): Residents {
    const { workflows, limits, logger, onDamage } = this.settings
    return new Residents({
      ...this.#host,
      journal: this.journal,
      workflows,
      most: limits.residentRuns,
      now: () => this.time.now(),
      revived: run => {
        this.#performer.pending(run)
        this.loop.wake(run)
      },
      park: (run, code, report) => {
        logger.error({ run: run.id, workflow: run.ledger.workflow, code, report }, 'run parked')
        const input = { type: 'run.parked', code, report: encodeValue(report) } as const
        this.loop.sendFirst(run, { input })
      },
      unreadable: (run, error) => {
        const code = error instanceof PerdureError ? error.code : undefined
        // A close may overtake the reading of a run: the next opening reads it again.
        if (code === 'JOURNAL_CLOSED') return
        if (code !== 'JOURNAL_CORRUPT') return failed(error)
        this.damaged.set(run, error)
        logger.error({ run, error }, 'the records of a run are damaged')
        if (onDamage === 'refuse') failed(error)
      },
    })
  }

  #deliver({ run, input, moment }: Turn): void {
    const { workflow, id } = run
    if (input === undefined || workflow === undefined) return
    if (!begins(run.ledger, input)) {
      run.code?.deliver(input, moment)
      return
    }
    const scheduled = input.type === 'run.scheduled' ? input : run.scheduled
    if (scheduled === undefined) throw new Error(`run ${id} does not begin`)
    run.code = newCode(id, this.#host)
    beginCode(run.code, workflow, id, scheduled, moment, () => this.#host.logger(id, workflow.id))
  }

  #woke(id: string, code: Run['code']): void {
    const run = this.residents.get(id)
    if (run === undefined || run.code !== code) return
    this.#warn(id, code?.wokeAt)
    this.loop.sendFirst(run, { input: { type: 'code.woke' } })
  }

  #warn(run: string, site: string | undefined): void {
    this.#host
      .logger(run, this.residents.get(run)?.ledger.workflow ?? '')
      .warn(site === undefined ? {} : { site }, FOREIGN)
  }
}

const FOREIGN =
  'the code awaits a promise the engine does not know: put what it waits for into step.run()'
