import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { Head } from '../../journal/head.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { Run } from '../run/run.ts'
import type { Door } from './door.ts'
import type { Parts } from './parts.ts'
import { parseData } from './schema.ts'

/** Starts runs: at most one for an id. */
export class Starter {
  readonly #parts: Parts
  readonly #door: Door
  readonly #starting = new Map<string, Promise<void>>()

  constructor(parts: Parts, door: Door) {
    this.#parts = parts
    this.#door = door
  }

  /** Gives the id of the run, once it is durable. */
  async start(asked: AnyWorkflow, data: unknown, id: string | undefined): Promise<string> {
    this.#door.mustTakeRequests()
    // The engine's own definition, even if the caller has another of the same id: replay uses it.
    const workflow = this.#known(asked)
    const parsed = workflow.schema === undefined ? data : await parseData(workflow, data)
    const bytes = encodeValue(parsed, { bytes: this.#parts.settings.limits.valueBytes })
    if (id === undefined) {
      const fresh = this.#parts.newRunId()
      await this.#begin(fresh, workflow, bytes)
      return fresh
    }
    mustBeRunId(id)
    await this.#once(id, async () => {
      const head = await this.#door.findHead(id)
      if (head === undefined) await this.#begin(id, workflow, bytes)
      else await this.#mustBeSame(head, workflow, bytes)
    })
    return id
  }

  #begin(id: string, workflow: AnyWorkflow, data: Uint8Array): Promise<void> {
    const { loop, residents, settings } = this.#parts
    if (loop.waiting >= settings.limits.waitingInputs) throw overloaded(loop.waiting)
    const run = new Run(id, workflow)
    residents.add(run)
    const seed = this.#parts.seedOf(id)
    const input = { type: 'run.scheduled', workflow: workflow.id, data, seed } as const
    return new Promise<void>((resolve, reject) => {
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
    this.#door.mustTakeRequests()
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

const RUN_ID = /^[\w.:@/-]{1,128}$/

function mustBeRunId(id: unknown): void {
  if (typeof id === 'string' && RUN_ID.test(id)) return
  throw new EngineError('RUN_ID_INVALID', `${JSON.stringify(id)} cannot be the id of a run.`, {
    hint: 'Use 1 to 128 letters, digits, and "._:@/-".',
    facts: { id },
  })
}

const overloaded = (waiting: number): EngineError =>
  new EngineError('OVERLOADED', `${waiting} inputs wait for their turn, the most allowed.`, {
    hint: 'Nothing was started. Start runs more slowly, or raise limits.waitingInputs.',
    facts: { waiting },
  })
