import type { Concurrency } from '../define/flow/concurrency.ts'
import type { Flow } from '../define/flow/flow.ts'
import type { Throttle } from '../define/flow/throttle.ts'
import { type LimitKind, limitId, parseLimitId } from './limit-id.ts'
import type { Request } from './request.ts'

interface Ruled {
  readonly id: string
  readonly flow: Flow | undefined
}

/** What the definitions say of limits, found by the ids of those. */
export class Rulebook {
  readonly #flows = new Map<string, Flow>()
  /** Workflows that share a limit, by what all its ids have in common. */
  readonly #sharers = new Map<string, string[]>()

  constructor(workflows: Iterable<Ruled>) {
    for (const { id, flow } of workflows) {
      if (flow === undefined) continue
      this.#flows.set(id, flow)
      for (const rule of flow.concurrency) {
        if (rule.scope !== 'engine') continue
        const shared = sharedName(rule.per, rule.key?.text ?? '')
        this.#sharers.set(shared, [...(this.#sharers.get(shared) ?? []), id])
      }
    }
  }

  flowOf(workflow: string): Flow | undefined {
    return this.#flows.get(workflow)
  }

  /** How many may hold a limit at once as this workflow says; nothing: it knows no such limit. */
  most(workflow: string, id: string): number | undefined {
    const { kind, keyText } = parseLimitId(id)
    if (kind === 'singleton') return 1
    const rules = this.#flows.get(workflow)?.concurrency.filter(({ per }) => per === kind) ?? []
    // What was written before the key was changed goes on under the limit there is now.
    return (rules.find(({ key }) => (key?.text ?? '') === keyText) ?? rules[0])?.limit
  }

  throttle(workflow: string): Throttle | undefined {
    return this.#flows.get(workflow)?.throttle
  }

  /** The workflows that share a limit, if it is shared. */
  sharers(id: string): readonly string[] {
    const { kind, owner, keyText } = parseLimitId(id)
    return owner === EVERY ? (this.#sharers.get(sharedName(kind, keyText)) ?? []) : [owner]
  }
}

/** Owner of what is shared by all workflows that name the same key. */
export const EVERY = '*'

/** The ids of the limits of one kind that a run comes under. */
export function concurrencyIds(request: Request, per: Concurrency['per']): string[] {
  const { flow, workflow } = request
  return flow.concurrency.flatMap(rule => {
    const value = rule.per === per ? request.keyOf(rule.key) : undefined
    if (value === undefined) return []
    const owner = rule.scope === 'engine' ? EVERY : workflow
    return [limitId(per, owner, rule.key?.text ?? '', value)]
  })
}

const sharedName = (kind: LimitKind | string, keyText: string): string => `${kind} ${keyText}`
