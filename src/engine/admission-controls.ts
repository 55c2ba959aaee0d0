import { SHARED } from '../admission/limit-id.ts'
import * as pauses from '../admission/pause.ts'
import { valueText } from '../admission/value-text.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Door } from './door.ts'
import type { Parts } from './parts.ts'

/** What is meant: everything, if nothing is named; a workflow; or the runs of it with one key. */
export interface AdmissionScope {
  /** The workflow, or its id. */
  readonly workflow?: string | AnyWorkflow
  /** The value of the key of its `concurrency` or `throttle`. */
  readonly key?: unknown
}

export interface PauseOptions {
  /** How long, in time that passes. Default: until it is resumed. */
  readonly for?: Duration
}

/** Flow control by hand. What is asked for holds across restarts, until it is taken back. */
export class AdmissionControls {
  readonly #parts: Parts
  readonly #door: Door

  constructor(parts: Parts, door: Door) {
    this.#parts = parts
    this.#door = door
  }

  /**
   * No run begins and no step starts to execute; what comes waits in order, what executes goes on to
   * its end. Resolves when it is on disk. Throws WORKFLOW_UNKNOWN, DEFINITION_INVALID for a key where
   * the workflow has none, DURATION_INVALID.
   *
   * @example await engine.admission.pause({ workflow: checkout, key: 'shop-7' }, { for: '10m' })
   */
  pause(scope: AdmissionScope = {}, options: PauseOptions = {}): Promise<void> {
    const ms = options.for === undefined ? undefined : parseDuration(options.for)
    const until = ms === undefined ? undefined : this.#parts.time.now().elapsed + ms
    return this.#mark(this.#ids(scope), id => pauses.pause(this.#marks, id, until))
  }

  /** Ends a pause of just this scope. Nothing, if there is none. */
  async resume(scope: AdmissionScope = {}): Promise<void> {
    const ids = this.#ids(scope)
    await this.#mark(ids, id => pauses.resume(this.#marks, id))
    for (const id of ids) this.#parts.events.admission.wake(id)
  }

  /**
   * Takes nothing new in: what would start a run of it leaves one that is `skipped`. What was taken in
   * goes on. Resolves when it is on disk.
   */
  drain(scope: Pick<AdmissionScope, 'workflow'> = {}): Promise<void> {
    return this.#mark(this.#ids(scope), id => pauses.drain(this.#marks, id))
  }

  /** Ends a drain of just this scope. Nothing, if there is none. */
  accept(scope: Pick<AdmissionScope, 'workflow'> = {}): Promise<void> {
    return this.#mark(this.#ids(scope), id => pauses.refill(this.#marks, id))
  }

  get #marks() {
    return this.#parts.events.admission.admission.marks
  }

  async #mark(ids: readonly string[], mark: (id: string) => void): Promise<void> {
    this.#door.mustTakeRequests()
    await this.#parts.journal.change(group => {
      for (const id of ids) mark(id)
      this.#parts.events.admission.reception.write(group)
    })
  }

  #ids({ workflow, key }: AdmissionScope): readonly string[] {
    if (workflow === undefined && key === undefined) return [SHARED]
    const id = typeof workflow === 'object' ? workflow.id : (workflow ?? '')
    const known = this.#parts.settings.workflows
    if (!known.has(id)) throw unknown(id, [...known.keys()])
    if (key === undefined) return [id]
    const ids = this.#parts.events.admission.admission.rules.keyedIds(id, valueText(key))
    if (ids.length === 0) throw keyless(id)
    return ids
  }
}

const unknown = (workflow: string, known: readonly string[]): EngineError =>
  new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${workflow}'.`, {
    hint: 'Name one that the engine was opened with, or leave the scope out for all of them.',
    facts: { workflow, known },
  })

const keyless = (workflow: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `The workflow '${workflow}' has no key.`, {
    hint: 'Give its `concurrency` or `throttle` a `key`, or name the workflow alone.',
    facts: { workflow },
  })
