import { called } from '../../journal/error.ts'
import { SHARED } from '../admission/limit-id.ts'
import * as pauses from '../admission/pause.ts'
import { valueText } from '../admission/value-text.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import { isObject, mustHaveOnly, refusal, within } from '../define/place.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Door } from './door.ts'
import type { Parts } from './parts.ts'

/** What is meant: everything, if nothing is named; a workflow; or the runs of it with one key. */
export interface AdmissionScope {
  /** The workflow, or its id. */
  readonly workflow?: string | AnyWorkflow
  /**
   * The value of the key of its `concurrency` or `throttle`; `null` is that of what has none. Neither
   * undefined nor `false`.
   */
  readonly key?: unknown
}

/** How long a pause is to be. */
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
   * No run begins and no `step.run` starts to execute; what comes waits in order, what executes goes on to
   * its end. Of handlers (`onFailure`, `onCancel`) just the steps wait. Resolves when it is on disk.
   * Throws WORKFLOW_UNKNOWN, DEFINITION_INVALID for a key where the workflow has none and for one that
   * no run has, DURATION_INVALID.
   *
   * @example await engine.admission.pause({ workflow: checkout, key: 'shop-7' }, { for: '10m' })
   */
  async pause(scope: AdmissionScope = {}, options: PauseOptions = {}): Promise<void> {
    mustHaveOnly(options, ['for'], { of: 'The pause', path: '' })
    const ms = options.for === undefined ? undefined : parseDuration(options.for)
    const until = ms === undefined ? undefined : this.#parts.time.now().elapsed + ms
    const ids = this.#ids(scope)
    await this.#mark(ids, id => pauses.pause(this.#marks, id, until))
    // It may be over earlier than the one that it takes the place of.
    for (const id of ids) this.#parts.events.admission.wake(id)
  }

  /** Ends a pause of just this scope. Nothing, if there is none. */
  async resume(scope: AdmissionScope = {}): Promise<void> {
    const ids = this.#paused(scope)
    await this.#mark(ids, id => pauses.resume(this.#marks, id))
    for (const id of ids) this.#parts.events.admission.wake(id)
  }

  /**
   * Takes nothing new in: what would start a run of it leaves one that is `skipped`. What was taken in
   * goes on, with the children that it invokes. Resolves when it is on disk.
   */
  async drain(scope: Pick<AdmissionScope, 'workflow'> = {}): Promise<void> {
    await this.#mark(this.#whole(scope), id => pauses.drain(this.#marks, id))
  }

  /** Ends a drain of just this scope. Nothing, if there is none. */
  async accept(scope: Pick<AdmissionScope, 'workflow'> = {}): Promise<void> {
    await this.#mark(this.#whole(scope), id => pauses.refill(this.#marks, id))
  }

  get #marks() {
    return this.#parts.events.admission.admission.marks
  }

  async #mark(ids: readonly string[], mark: (id: string) => void): Promise<void> {
    this.#door.mustTakeRequests()
    const moment = this.#parts.time.stamp()
    const marked = this.#parts.journal.change(group => {
      group.passTime(moment)
      for (const id of ids) mark(id)
      this.#parts.events.admission.reception.write(group)
    })
    await called(marked)
  }

  #ids(scope: AdmissionScope): readonly string[] {
    const { workflow, key } = this.#known(scope)
    if (workflow === undefined) return [SHARED]
    if (key === undefined) return [workflow]
    const ids = this.#parts.events.admission.admission.rules.keyedIds(workflow, key)
    if (ids.length === 0) throw keyless(workflow)
    return ids
  }

  /** Of a key also what was paused when the workflow had another one. */
  #paused(scope: AdmissionScope): readonly string[] {
    const { workflow, key } = this.#known(scope)
    if (workflow === undefined || key === undefined) return this.#ids(scope)
    const old = pauses.pausesOf(this.#marks, workflow, key)
    return old.length === 0 ? this.#ids(scope) : old
  }

  #whole(scope: Pick<AdmissionScope, 'workflow'>): readonly string[] {
    if (isObject(scope)) mustHaveOnly(scope, ['workflow'], SCOPE)
    return this.#ids(scope)
  }

  /** The id of the workflow, and the key as limit ids have it. */
  #known(scope: AdmissionScope): { readonly workflow?: string; readonly key?: string } {
    if (!isObject(scope)) throw refusal(SCOPE, 'it is not an object.', 'Write { workflow, key }.')
    mustHaveOnly(scope, ['workflow', 'key'], SCOPE)
    mustHaveValues(scope)
    const { workflow, key } = scope
    if (workflow === undefined && key === undefined) return {}
    const id = typeof workflow === 'object' ? workflow?.id : workflow
    const known = this.#parts.settings.workflows
    if (id === undefined || !known.has(id)) throw unknown(id, [...known.keys()])
    return key === undefined ? { workflow: id } : { workflow: id, key: keyOf(key) }
  }
}

const SCOPE = { of: 'The scope', path: '' }

/** Where a value is missing, more than was meant would be held: all keys, or all workflows. */
function mustHaveValues(scope: AdmissionScope): void {
  for (const [name, whole] of [
    ['workflow', 'everything'],
    ['key', 'the whole workflow'],
  ] as const) {
    if (!Object.hasOwn(scope, name) || scope[name] !== undefined) continue
    const hint = `Give it a value, or leave \`${name}\` out if ${whole} is meant.`
    throw refusal(within(SCOPE, name), 'it is undefined.', hint)
  }
}

function keyOf(key: unknown): string {
  if (key === false) {
    const fault =
      'where the key of the workflow is false, its limit does not apply: no run has this.'
    const hint = 'Give the value that the runs have, or name the workflow alone.'
    throw refusal(within(SCOPE, 'key'), fault, hint)
  }
  try {
    return valueText(key)
  } catch (error) {
    const fault = error instanceof Error ? error.message : 'it is no data.'
    throw refusal(within(SCOPE, 'key'), fault, 'Give the value that the key of the workflow has.')
  }
}

const unknown = (workflow: string | undefined, known: readonly string[]): EngineError =>
  new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${workflow}'.`, {
    hint: 'Name one that the engine was opened with, or leave the scope out for all of them.',
    facts: { workflow, known },
  })

const keyless = (workflow: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `The workflow '${workflow}' has no key.`, {
    hint: 'Give its `concurrency` or `throttle` a `key`, or name the workflow alone.',
    facts: { workflow },
  })
