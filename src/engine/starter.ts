import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { RunScheduled } from '../../journal/entry.ts'
import { saysNoSuchRun } from '../../journal/error.ts'
import { EngineError } from '../define/error.ts'
import { givenText } from '../define/given-text.ts'
import { parseData } from '../define/parse-data.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'
import type { Door } from './door.ts'
import { fingerprint } from './fingerprint.ts'
import type { Parts } from './parts.ts'
import type { Passed } from './reception.ts'
import { mustHaveRoomFor } from './room.ts'

/** Starts runs: at most one for an id. */
export class Starter {
  readonly #parts: Parts
  readonly #door: Door

  constructor(parts: Parts, door: Door) {
    this.#parts = parts
    this.#door = door
  }

  /** Gives the id of the run, once it is durable. */
  start(asked: AnyWorkflow, data: unknown, id: string | undefined): Promise<string> {
    // Not an async function: with no schema and no id it has nothing to wait for but the write.
    try {
      this.#door.mustTakeRequests()
      // The engine's own definition, even if the caller has another of the same id: replay uses it.
      const workflow = this.#known(asked)
      const parsed = workflow.schema === undefined ? data : parseData(workflow, data)
      if (parsed instanceof Promise) {
        return parsed.then(value => this.#ask(workflow, data, value, id))
      }
      return this.#ask(workflow, data, parsed, id)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #ask(
    workflow: AnyWorkflow,
    given: unknown,
    parsed: unknown,
    id: string | undefined,
  ): Promise<string> {
    const asks = { workflow, given, data: encodeValue(parsed, this.#values) }
    return id === undefined ? this.#begin(this.#parts.newRunId(), asks) : this.#named(id, asks)
  }

  async #named(id: string, asks: Asks): Promise<string> {
    mustBeRunId(id)
    const named = { print: this.#printOf(asks), ...asks }
    await this.#once(id, async () => {
      const first = await this.#firstOf(id)
      if (first === undefined) await this.#begin(id, named)
      else mustBeSame(id, first, named)
    })
    return id
  }

  get #values(): ValueLimits {
    return { bytes: this.#parts.settings.limits.valueBytes }
  }

  /** What was given, if the schema made something else of it that may be another thing each time. */
  #printOf({ workflow, given, data }: Asks): string | undefined {
    if (workflow.schema === undefined) return undefined
    try {
      const print = fingerprint(decodeValue(encodeValue(given, this.#values)))
      return print === fingerprint(decodeValue(data)) ? undefined : print
    } catch {
      // A schema may take what could not be stored.
      return undefined
    }
  }

  #begin(id: string, { workflow, data, print }: Asks): Promise<string> {
    const { loop, residents, settings } = this.#parts
    if (loop.waiting >= settings.limits.waitingInputs) throw overloaded(loop.waiting)
    const input: RunScheduled = {
      type: 'run.scheduled',
      workflow: workflow.id,
      data,
      ...(print !== undefined && { given: print }),
      seed: this.#parts.seedOf(id),
    }
    const passed = this.#passing(id, workflow, input)
    if (passed === undefined) return this.#arrive(id, workflow, input)
    const run = new Run(id, workflow)
    run.stepLimits = passed.stepLimits
    run.heardFrom = this.#parts.events.dispatcher.heard
    residents.add(run)
    const behind = passed.entries
    return new Promise((resolve, reject) => {
      const ack = { resolve: () => resolve(id), reject }
      loop.send(run, behind.length === 0 ? { input, ack } : { input, ack, behind })
    })
  }

  /** What is said of a run that begins at once; nothing: admission has more to decide. */
  #passing(id: string, workflow: AnyWorkflow, input: RunScheduled): Passed | undefined {
    const { admission, reception } = this.#parts.events.admission
    if (!admission.concerns(workflow.id)) return NOTHING
    return reception.pass(this.#arrivalOf(id, workflow, input))
  }

  /** Admission decides what becomes of it, in the write that records it. */
  async #arrive(id: string, workflow: AnyWorkflow, scheduled: RunScheduled): Promise<string> {
    const { dispatcher, admission } = this.#parts.events
    const arrival = this.#arrivalOf(id, workflow, scheduled)
    mustHaveRoomFor(arrival, admission)
    await dispatcher.schedule(() => {}, { start: [arrival], cancel: [], reason: '' })
    return id
  }

  #arrivalOf(id: string, workflow: AnyWorkflow, scheduled: RunScheduled): Arrival {
    const { events, time } = this.#parts
    return events.origins.of(id, workflow, scheduled, time.stamp())
  }

  /** What the run of this id was started with; `undefined` if there is none, or no more. */
  async #firstOf(id: string): Promise<RunScheduled | undefined> {
    const head = await this.#door.findHead(id)
    if (head === undefined) return undefined
    this.#door.mustTakeRequests()
    try {
      const [first] = (await this.#parts.journal.record(id, 0)).entries
      if (first?.type === 'run.scheduled') return first
    } catch (error) {
      if (saysNoSuchRun(error)) return undefined
      throw error
    }
    throw new Error(`run ${id} does not begin`)
  }

  // Two calls with one id must not both find that there is no such run.
  async #once(id: string, work: () => Promise<void>): Promise<void> {
    const release = await this.#parts.events.claims.take(id)
    try {
      await work()
    } finally {
      release()
    }
  }

  #known({ id }: AnyWorkflow): AnyWorkflow {
    const known = this.#parts.settings.workflows
    const workflow = known.get(id)
    if (workflow !== undefined) return workflow
    throw new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${id}'.`, {
      hint: 'Add it to `workflows` where openEngine() is called.',
      facts: { workflow: id, known: [...known.keys()] },
    })
  }
}

const NOTHING: Passed = { entries: [] }

/** What a caller wants to have started. */
interface Asks {
  readonly workflow: AnyWorkflow
  readonly given: unknown
  /** What its schema made of it. */
  readonly data: Uint8Array
  readonly print?: string | undefined
}

/**
 * Whether the caller means the run that there is: the same was given, or what the schema made of it
 * is the same. A schema may fill in what varies (the time, a new id), or tidy up what was given.
 */
function mustBeSame(run: string, first: RunScheduled, { workflow, data, print }: Asks): void {
  const facts = { run, workflow: first.workflow, asked: workflow.id }
  if (first.workflow !== workflow.id) {
    const other = `Run ${run} exists, of the workflow '${first.workflow}', not '${workflow.id}'.`
    throw new EngineError('RUN_CONFLICT', other, { hint: OTHER_ID, facts })
  }
  const was = fingerprint(decodeValue(first.data))
  const is = fingerprint(decodeValue(data))
  if (was === is || (first.given ?? was) === (print ?? is)) return
  throw new EngineError('RUN_CONFLICT', `Run ${run} exists, with other data.`, {
    hint: OTHER_ID,
    facts,
  })
}

const OTHER_ID = 'Use another id, or engine.run() to get the run that exists.'

const RUN_ID = /^[\w.:@/-]{1,128}$/

function mustBeRunId(id: unknown): void {
  if (typeof id === 'string' && RUN_ID.test(id)) return
  throw new EngineError('RUN_ID_INVALID', `${givenText(id)} cannot be the id of a run.`, {
    hint: 'Use 1 to 128 letters, digits, and "._:@/-".',
    facts: { id },
  })
}

const overloaded = (waiting: number): EngineError =>
  new EngineError('OVERLOADED', `${waiting} inputs wait for their turn, the most allowed.`, {
    hint: 'Nothing was started. Start runs more slowly, or raise limits.waitingInputs.',
    facts: { waiting },
  })
