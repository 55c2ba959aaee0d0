import type { Backlog } from '../define/flow/backlog.ts'
import type { Concurrency } from '../define/flow/concurrency.ts'
import type { Flow } from '../define/flow/flow.ts'
import type { Throttle } from '../define/flow/throttle.ts'
import { kindOf, type LimitId, limitId, parseLimitId, SHARED } from './limit-id.ts'
import type { Request } from './request.ts'

interface Ruled {
  readonly id: string
  readonly flow: Flow | undefined
}

/** Ids that are kept taken apart: the same few are asked for many times while runs wait. */
const KEPT = 1_000

/** What the definitions say of limits, found by the ids of those. */
export class Rulebook {
  readonly #flows = new Map<string, Flow>()
  readonly #known = new Set<string>()
  /** How many of their runs workflows let wait. */
  readonly backlogs = new Map<string, Backlog>()
  readonly #parsed = new Map<string, LimitId>()

  constructor(workflows: Iterable<Ruled>) {
    for (const { id, flow } of workflows) {
      this.#known.add(id)
      if (flow === undefined) continue
      this.#flows.set(id, flow)
      if (flow.backlog !== undefined) this.backlogs.set(id, flow.backlog)
    }
  }

  /** How many workflows the engine has. */
  get size(): number {
    return this.#known.size
  }

  /** Whether the engine has such a workflow. */
  knows(workflow: string): boolean {
    return this.#known.has(workflow)
  }

  flowOf(workflow: string): Flow | undefined {
    return this.#flows.get(workflow)
  }

  /** How many may hold a limit at once as this workflow says; nothing: it knows no such limit. */
  most(workflow: string, id: string): number | undefined {
    const kind = kindOf(id)
    const flow = this.#flows.get(workflow)
    if (kind === 'singleton') return flow?.singleton && 1
    const rules = flow?.concurrency.filter(({ per }) => per === kind) ?? []
    // What was written before the key was changed goes on under the limit there is now.
    if (rules.length < 2) return rules[0]?.limit
    const { keyText, owner } = this.#partsOf(id)
    const ofKey = rules.filter(({ key }) => (key?.text ?? '') === keyText)
    const exact = ofKey.find(({ scope }) => (scope === 'engine') === (owner === SHARED))
    return (exact ?? ofKey[0] ?? rules[0])?.limit
  }

  /** Ids of the limits of a workflow for a value of their keys. */
  keyedIds(workflow: string, value: string): readonly string[] {
    const flow = this.#flows.get(workflow)
    const ids = (flow?.concurrency ?? []).flatMap(({ key, scope, per }) => {
      const owner = scope === 'engine' ? SHARED : workflow
      return key === undefined ? [] : [limitId({ kind: per, owner, keyText: key.text, value })]
    })
    const key = flow?.throttle?.key
    if (key === undefined) return ids
    return [...ids, limitId({ kind: 'throttle', owner: workflow, keyText: key.text, value })]
  }

  throttle(workflow: string): Throttle | undefined {
    return this.#flows.get(workflow)?.throttle
  }

  #partsOf(id: string): LimitId {
    const known = this.#parsed.get(id)
    if (known !== undefined) return known
    const parts = parseLimitId(id)
    if (parts === undefined) throw new Error(`${id} is no limit`)
    if (this.#parsed.size === KEPT) this.#parsed.clear()
    this.#parsed.set(id, parts)
    return parts
  }

  /** The workflows that may come under a limit: of one that is shared any, as deploys change keys. */
  sharers(id: string): Iterable<string> {
    const { owner } = this.#partsOf(id)
    return owner === SHARED ? this.#flows.keys() : [owner]
  }
}

/** A limit that a run comes under. */
export interface Bound {
  readonly id: string
  /** Whether it is shared only with those of the same key. */
  readonly isKeyed: boolean
}

/** The limits of one kind that a run comes under. */
export function concurrencyBounds(request: Request, per: Concurrency['per']): Bound[] {
  const { flow, workflow } = request
  return flow.concurrency.flatMap(rule => {
    const value = rule.per === per ? request.textOf(rule.key) : undefined
    if (value === undefined) return []
    const owner = rule.scope === 'engine' ? SHARED : workflow
    const id = limitId({ kind: per, owner, keyText: rule.key?.text ?? '', value })
    return [{ id, isKeyed: rule.key !== undefined }]
  })
}
