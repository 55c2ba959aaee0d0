import { called, rejected } from '../../journal/error.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import type { MadeEvent } from '../define/event.ts'
import type { Workflow } from '../define/workflow.ts'
import type { Why } from '../inspect/why.ts'
import { AdmissionControls } from './admission-controls.ts'
import { Door, wrongStatus } from './door.ts'
import { Entries } from './entries.ts'
import type { Collected } from './gc.ts'
import { type RunEntry, type RunHandle, readableAll } from './handle.ts'
import { listing, type RunSummary, type RunsFilter } from './listing.ts'
import type { Parts } from './parts.ts'
import { Results } from './results.ts'
import { Schedules } from './schedules.ts'
import { Sender, type Sent } from './sender.ts'
import { Starter } from './starter.ts'
import { type EngineStats, statsOf } from './stats.ts'
import { why } from './why.ts'

/** What may be said of a run beside its data. */
export interface StartOptions {
  /**
   * 1 to 128 characters, letters, digits and `._:@/-`. Starting twice under one id with the same
   * data gives the same run; other data is a RUN_CONFLICT. The data is the same if what is given
   * says the same, or what the schema makes of it. Default: a new id.
   */
  readonly id?: string
}

/** An engine on one journal. Made by `openEngine`. */
export class Engine implements AsyncDisposable {
  /** Schedules: those of triggers to look at, others to be made, changed and removed. */
  readonly schedules: Schedules
  /** Flow control by hand: pausing, resuming, draining. */
  readonly admission: AdmissionControls
  readonly #parts: Parts
  readonly #close: (drainMs: number) => Promise<void>
  readonly #door: Door
  readonly #starter: Starter
  readonly #results: Results
  readonly #sender: Sender

  constructor(parts: Parts, close: (drainMs: number) => Promise<void>) {
    this.#parts = parts
    this.#close = close
    this.#door = new Door(parts)
    this.#starter = new Starter(parts, this.#door)
    this.#results = new Results(parts, this.#door)
    this.#sender = new Sender(parts, this.#door)
    this.schedules = new Schedules(parts, this.#door)
    this.admission = new AdmissionControls(parts, this.#door)
  }

  /**
   * Starts a run. When this resolves the run is on disk and will be carried to its end. Throws
   * DATA_INVALID, VALUE_UNSTORABLE, VALUE_TOO_LARGE, WORKFLOW_UNKNOWN, RUN_CONFLICT, OVERLOADED and
   * NOT_ACCEPTED, after which there is no such run; INDETERMINATE, after which there may be one: the
   * same id asked again gives the true answer.
   *
   * @example const run = await engine.start(greeting, { name: 'Ada' }, { id: 'greet-ada' })
   */
  start<Data, Output>(
    workflow: Workflow<Data, Output>,
    ...[data, options]: undefined extends Data
      ? [data?: NoInfer<Data>, options?: StartOptions]
      : [data: NoInfer<Data>, options?: StartOptions]
  ): Promise<RunHandle<Output>> {
    return this.#starter
      .start(workflow, data, options?.id)
      .then(id => this.#handle<Output>(id), rejected)
  }

  /**
   * Sends one event or up to 5,000, made by event types or written out. When this resolves they are
   * stored, and in the same write have cancelled, resumed and started what they cancel, resume and
   * start. Of one `id`, an event is stored once within 24 hours: sent again it does nothing more.
   * Throws DEFINITION_INVALID, DATA_INVALID, VALUE_UNSTORABLE, VALUE_TOO_LARGE, OVERLOADED and
   * NOT_ACCEPTED, after which nothing was sent; INDETERMINATE, after which it may have been.
   *
   * @example await engine.send(signedUp({ userId: 'u1', email: 'ada@example.com' }))
   */
  send(events: MadeEvent | readonly MadeEvent[]): Promise<Sent> {
    return called(this.#sender.send(events))
  }

  /**
   * Resumes the runs that wait for a signal of this name. When this resolves it is on disk. Under
   * one `id` it does so once within 24 hours: give it one if it may have to be sent again.
   */
  signal(signal: string, data?: unknown, options: { readonly id?: string } = {}): Promise<void> {
    return called(this.#sender.signal(signal, data, options.id))
  }

  /** A handle on a run, by its id. Throws RUN_NOT_FOUND. */
  async run<Output = unknown>(id: string): Promise<RunHandle<Output>> {
    await called(this.#door.headOf(id))
    return this.#handle<Output>(id)
  }

  /** Runs in order of their ids, those that have not ended first. */
  runs(filter: RunsFilter = {}): AsyncGenerator<RunSummary> {
    return listing(this.#parts, this.#door, filter)
  }

  /**
   * Asks a run to end. When this resolves the request is on disk: no step is started any more but
   * those in a shield. Running steps see their `signal` abort, the code gets a `CancelledError`. Of
   * a run that continued as another one, the last is asked, as by `pause`, `resume` and `retry`.
   * Does nothing to a run that has ended. Throws RUN_NOT_FOUND.
   */
  async cancel(id: string, reason = ''): Promise<void> {
    mustBeReason(reason)
    await called(this.#door.ask(id, { type: 'run.cancel_requested', reason }))
  }

  /** Starts no step of the run and gives its code no answers until `resume`. Throws RUN_STATUS. */
  pause(id: string): Promise<void> {
    return called(this.#door.ask(id, { type: 'run.paused' }, 'running'))
  }

  /** Goes on after `pause`. Throws RUN_STATUS. */
  resume(id: string): Promise<void> {
    return called(this.#door.ask(id, { type: 'run.resumed' }, 'paused'))
  }

  /**
   * Tries a run again that is parked or has failed. A parked one goes on itself, with the code as
   * it is now. For a failed one a new run is started, which the handle is of: it takes over what
   * was recorded, idempotency keys included, and goes on with the step that failed, or with the
   * first step of the id `from`. It is given the same events, waits for no turn, holds the limits
   * that the failed one held, and has as long again to finish. Throws RUN_STATUS for other runs and
   * while another run holds such a limit, STEP_NOT_FOUND, and RUN_PARKED if the run is to stay parked.
   */
  retry(id: string, options: { readonly from?: string } = {}): Promise<RunHandle> {
    return called(this.#retry(id, options))
  }

  async #retry(id: string, { from }: { readonly from?: string }): Promise<RunHandle> {
    this.#door.mustTakeRequests()
    const head = await this.#door.lastOf(id)
    if (head.status === 'parked') {
      await this.#door.ask(head.run, { type: 'run.unparked' }, 'parked')
      return this.#handle(head.run)
    }
    if (head.status !== 'failed') throw wrongStatus(head.run, head.status, 'parked or failed')
    return this.#handle(await this.#parts.rerun(head, from))
  }

  /** Entries as they become durable, from now on; of one run only, if its id is given. */
  subscribe(run?: string): AsyncIterableIterator<RunEntry> {
    return new Entries(this.#parts.feed.follow(run))
  }

  /**
   * What a run waits for: its turn, a limit and who holds it, a timer, a step, an event, with those
   * that came and did not fit. Throws RUN_NOT_FOUND.
   */
  why(id: string): Promise<Why> {
    return called(why(this.#parts, this.#door, id))
  }

  /** How much there is of what, at this moment. */
  stats(): EngineStats {
    return statsOf(this.#parts)
  }

  /**
   * Removes runs that ended longer ago than `retention` says; those that continue each other when
   * the last one did. The engine does so once an hour.
   */
  async gc(): Promise<Collected> {
    this.#door.mustTakeRequests()
    return this.#parts.gc()
  }

  /**
   * Stops: takes no further turns, lets what is being written finish, closes the journal. With
   * `drain`, running steps get that long to end first. What is not done goes on at the next
   * opening. Calling it again waits for the same end.
   */
  close({ drain = 0 }: { readonly drain?: Duration } = {}): Promise<void> {
    return this.#close(parseDuration(drain))
  }

  /** Closes it: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #handle<Output>(id: string): RunHandle<Output> {
    return {
      id,
      result: () => this.#results.of(id) as Promise<Output>,
      status: async () => (await called(this.#door.headOf(id))).status,
      cancel: reason => this.cancel(id, reason),
      entries: () => this.#entries(id),
    }
  }

  async *#entries(id: string): AsyncGenerator<RunEntry> {
    const head = await this.#door.headOf(id)
    yield* readableAll(this.#parts.journal.records(head))
  }
}

const LONGEST_REASON = 4_096

function mustBeReason(reason: unknown): void {
  if (typeof reason === 'string' && reason.length <= LONGEST_REASON) return
  throw new EngineError('DATA_INVALID', 'The reason of a cancellation is a short text.', {
    hint: `Give at most ${LONGEST_REASON} characters; keep what is longer elsewhere.`,
    facts: { type: typeof reason },
  })
}
