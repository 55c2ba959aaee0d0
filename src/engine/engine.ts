import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { Input } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import { isFinal, type RunStatus } from '../../journal/lifecycle.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow, Workflow } from '../define/workflow.ts'
import { Run } from '../run/run.ts'
import type { Parts } from './parts.ts'
import type { Collected } from './gc.ts'
import { type RunEntry, type RunHandle, readableAll } from './handle.ts'
import { type Outcome, openOutcome, outcomeOf } from './outcomes.ts'
import { parseData } from './schema.ts'

export interface StartOptions {
  /**
   * 1 to 128 characters, letters, digits and `._:@/-`. Starting twice under one id with the same
   * data gives the same run; other data is a RUN_CONFLICT. Default: a new id.
   */
  readonly id?: string
}

export interface RunsFilter {
  readonly status?: RunStatus | readonly RunStatus[]
  readonly workflow?: string | AnyWorkflow
}

/** What `runs()` yields: the journal's short account of a run. */
export type RunSummary = Pick<Head, 'workflow' | 'status' | 'createdAt' | 'at'> & {
  readonly id: string
  /** How many entries it has. */
  readonly entries: number
}

export interface EngineStats {
  /** Runs that have not ended. */
  readonly runs: number
  /** Of these, how many are in memory. */
  readonly resident: number
  /** Timers that are set. */
  readonly timers: number
  /** Of these, how many are in memory. */
  readonly nearTimers: number
  readonly runningSteps: number
  /** Steps that wait because `concurrency` are running. */
  readonly waitingSteps: number
  /** Inputs that wait for their turn. */
  readonly waitingInputs: number
  readonly commits: number
  readonly epoch: number
}

/** An engine on one journal. Made by `openEngine`. */
export class Engine implements AsyncDisposable {
  readonly #parts: Parts
  readonly #close: (drainMs: number) => Promise<void>
  readonly #starting = new Map<string, Promise<unknown>>()

  constructor(parts: Parts, close: (drainMs: number) => Promise<void>) {
    this.#parts = parts
    this.#close = close
  }

  /**
   * Starts a run. When this resolves the run is on disk and will be carried to its end. Throws
   * DATA_INVALID, VALUE_UNSTORABLE, VALUE_TOO_LARGE, WORKFLOW_UNKNOWN, RUN_CONFLICT, OVERLOADED and
   * NOT_ACCEPTED, after which there is no such run; INDETERMINATE, after which there may be one: the
   * same id asked again gives the true answer.
   *
   * @example const run = await engine.start(greeting, { name: 'Ada' }, { id: 'greet-ada' })
   */
  async start<Data, Output>(
    workflow: Workflow<Data, Output>,
    ...[data, options]: undefined extends Data
      ? [data?: NoInfer<Data>, options?: StartOptions]
      : [data: NoInfer<Data>, options?: StartOptions]
  ): Promise<RunHandle<Output>> {
    this.#mustTakeRequests()
    this.#mustKnow(workflow)
    const parsed = await parseData(workflow, data)
    const bytes = encodeValue(parsed, { bytes: this.#parts.settings.limits.valueBytes })
    const { id } = options ?? {}
    if (id === undefined) {
      const fresh = this.#parts.newRunId()
      await this.#begin(fresh, workflow, bytes)
      return this.#handle<Output>(fresh)
    }
    mustBeRunId(id)
    await this.#once(id, async () => {
      const head = await this.#parts.journal.head(id)
      if (head === undefined) await this.#begin(id, workflow, bytes)
      else await this.#mustBeSame(head, workflow, bytes)
    })
    return this.#handle<Output>(id)
  }

  /** A handle on a run, by its id. Throws RUN_NOT_FOUND. */
  async run<Output = unknown>(id: string): Promise<RunHandle<Output>> {
    await this.#headOf(id)
    return this.#handle<Output>(id)
  }

  /** Runs in order of their ids, those that have not ended first. */
  async *runs(filter: RunsFilter = {}): AsyncGenerator<RunSummary> {
    this.#mustBeOpen()
    const statuses = filter.status === undefined ? undefined : [filter.status].flat()
    const { workflow } = filter
    const name = typeof workflow === 'object' ? workflow.id : workflow
    const wanted = (status: RunStatus): boolean => statuses?.includes(status) ?? true
    for (const which of ['active', 'ended'] as const) {
      if (statuses?.every(status => isFinal(status) !== (which === 'ended'))) continue
      for await (const head of this.#parts.journal.heads(which)) {
        if (wanted(head.status) && (name ?? head.workflow) === head.workflow) yield summary(head)
      }
    }
  }

  /**
   * Asks a run to end. When this resolves the request is on disk: no step is started any more but
   * those in a shield. Running steps see their `signal` abort, the code gets a `CancelledError`.
   * Does nothing to a run that has ended. Throws RUN_NOT_FOUND.
   */
  cancel(id: string, reason = ''): Promise<void> {
    return this.#ask(id, { type: 'run.cancel_requested', reason })
  }

  /** Starts no step of the run and gives its code no answers until `resume`. Throws RUN_STATUS. */
  pause(id: string): Promise<void> {
    return this.#ask(id, { type: 'run.paused' }, 'running')
  }

  /** Goes on after `pause`. Throws RUN_STATUS. */
  resume(id: string): Promise<void> {
    return this.#ask(id, { type: 'run.resumed' }, 'paused')
  }

  /**
   * Tries a run again that is parked or has failed. A parked one goes on itself, with the code as
   * it is now. For a failed one a new run is started, which the handle is of: it takes over what
   * was recorded, idempotency keys included, and goes on with the step that failed, or with the
   * first step of the id `from`. Throws RUN_STATUS for other runs, STEP_NOT_FOUND.
   */
  async retry(id: string, { from }: { readonly from?: string } = {}): Promise<RunHandle> {
    const head = await this.#headOf(id)
    if (head.status === 'parked') {
      await this.#ask(id, { type: 'run.unparked' }, 'parked')
      return this.#handle(id)
    }
    if (head.status !== 'failed') throw wrongStatus(id, head.status, 'parked or failed')
    return this.#handle(await this.#parts.rerun(head, from))
  }

  /** Entries as they become durable, from now on; of one run only, if its id is given. */
  subscribe(run?: string): AsyncGenerator<RunEntry> {
    return readableAll(this.#parts.feed.follow(run))
  }

  stats(): EngineStats {
    const { journal, residents, alarm, attempts, loop } = this.#parts
    return {
      runs: journal.tip.active.count,
      resident: residents.size,
      timers: journal.tip.timers.count,
      nearTimers: alarm.size,
      runningSteps: attempts.running,
      waitingSteps: attempts.waiting,
      waitingInputs: loop.waiting,
      commits: journal.tip.commit,
      epoch: journal.epoch,
    }
  }

  /** Removes runs that ended longer ago than `retention` says. The engine does so once an hour. */
  gc(): Promise<Collected> {
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #begin(id: string, workflow: AnyWorkflow, data: Uint8Array): Promise<void> {
    const { loop, residents, settings } = this.#parts
    if (loop.waiting >= settings.limits.waitingInputs) throw overloaded(loop.waiting)
    const run = new Run(id, workflow)
    residents.add(run)
    const input = { type: 'run.scheduled', workflow: workflow.id, data, seed: this.#parts.seedOf(id) } as const
    await new Promise<void>((resolve, reject) => {
      loop.send(run, { input, ack: { resolve, reject } })
    })
  }

  // Two calls with one id must not both find that there is no such run.
  async #once(id: string, work: () => Promise<void>): Promise<void> {
    while (this.#starting.has(id)) await this.#starting.get(id)?.catch(() => {})
    const working = work()
    this.#starting.set(id, working)
    try {
      await working
    } finally {
      this.#starting.delete(id)
    }
  }

  async #mustBeSame(head: Head, workflow: AnyWorkflow, data: Uint8Array): Promise<void> {
    const { entries } = await this.#parts.journal.record(head.run, 0)
    const [first] = entries
    const same =
      first?.type === 'run.scheduled' &&
      first.workflow === workflow.id &&
      isDeepStrictEqual(decodeValue(first.data), decodeValue(data))
    if (same) return
    throw new EngineError('RUN_CONFLICT', `Run ${head.run} exists, with other data.`, {
      hint: 'Use another id, or engine.run() to get the run that exists.',
      facts: { run: head.run, workflow: head.workflow, asked: workflow.id },
    })
  }

  #handle<Output>(id: string): RunHandle<Output> {
    return {
      id,
      result: async () => (await this.#result(id)) as Output,
      status: async () => {
        const { status } = await this.#headOf(id)
        return this.#parts.damaged.has(id) ? 'parked' : status
      },
      cancel: reason => this.cancel(id, reason),
      entries: () => this.#entries(id),
    }
  }

  async #result(id: string): Promise<unknown> {
    const outcome = await this.#outcome(id)
    return outcome.kind === 'continued' ? this.#result(outcome.successor) : openOutcome(id, outcome)
  }

  // A run in memory tells when it ends. Of others one waits first and looks then: whichever moment
  // it ends at is seen by one of the two.
  async #outcome(id: string): Promise<Outcome> {
    const { journal, outcomes, damaged, residents } = this.#parts
    const ledger = residents.get(id)?.ledger
    if (ledger?.status === 'running' && ledger.outcome === undefined) return outcomes.wait(id)
    const waiting = outcomes.wait(id)
    waiting.catch(() => {})
    const head = await Promise.race([this.#headOf(id), waiting.then(() => this.#headOf(id))])
    if (damaged.has(id)) throw damaged.get(id)
    if (head.outcome !== undefined) {
      const recorded = outcomeOf((await journal.record(id, head.outcome.seq)).entries)
      if (recorded !== undefined) return recorded
    }
    if (head.status === 'parked') return this.#parking(head)
    return waiting
  }

  // Answers may have been recorded after it: the newest parking counts.
  async #parking(head: Head): Promise<Outcome> {
    let parking: Outcome | undefined
    for await (const record of this.#parts.journal.records(head)) {
      parking = outcomeOf(record.entries) ?? parking
    }
    if (parking === undefined) throw new Error(`run ${head.run} is parked without a report`)
    return parking
  }

  async *#entries(id: string): AsyncGenerator<RunEntry> {
    const head = await this.#headOf(id)
    yield* readableAll(this.#parts.journal.records(head))
  }

  async #ask(id: string, input: Input, needs?: RunStatus): Promise<void> {
    this.#mustTakeRequests()
    const { status } = await this.#headOf(id)
    const damage = this.#parts.damaged.get(id)
    if (damage !== undefined) throw damage
    if (needs !== undefined && status !== needs) throw wrongStatus(id, status, needs)
    await this.#parts.post(id, input)
  }

  #mustTakeRequests(): void {
    if (this.#parts.leaving !== undefined) throw this.#parts.leaving
  }

  #mustBeOpen(): void {
    if (this.#parts.closed !== undefined) throw this.#parts.closed
  }

  async #headOf(id: string): Promise<Head> {
    this.#mustBeOpen()
    const head = await this.#parts.journal.head(id)
    if (head !== undefined) return head
    throw new EngineError('RUN_NOT_FOUND', `There is no run ${JSON.stringify(id)}.`, {
      hint: 'Look at the id; runs are removed a while after they ended (option `retention`).',
      facts: { run: id },
    })
  }

  #mustKnow({ id }: AnyWorkflow): void {
    const known = this.#parts.settings.workflows
    if (known.has(id)) return
    throw new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${id}'.`, {
      hint: 'Add it to `workflows` where openEngine() is called.',
      facts: { workflow: id, known: [...known.keys()] },
    })
  }
}

const summary = ({ run, workflow, status, createdAt, at, seq }: Head): RunSummary => ({
  id: run,
  workflow,
  status,
  createdAt,
  at,
  entries: seq,
})

const RUN_ID = /^[\w.:@/-]{1,128}$/

function mustBeRunId(id: unknown): void {
  if (typeof id === 'string' && RUN_ID.test(id)) return
  throw new EngineError('RUN_ID_INVALID', `${JSON.stringify(id)} cannot be the id of a run.`, {
    hint: 'Use 1 to 128 letters, digits, and "._:@/-".',
    facts: { id },
  })
}

const wrongStatus = (run: string, status: RunStatus, needs: string): EngineError =>
  new EngineError('RUN_STATUS', `Run ${run} is ${status}, not ${needs}.`, {
    hint: `Only a run that is ${needs} can be asked for this.`,
    facts: { run, status, needs },
  })

const overloaded = (waiting: number): EngineError =>
  new EngineError('OVERLOADED', `${waiting} inputs wait for their turn, the most allowed.`, {
    hint: 'Nothing was started. Start runs more slowly, or raise limits.waitingInputs.',
    facts: { waiting },
  })
