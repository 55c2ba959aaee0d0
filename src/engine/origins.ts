import { decodeValue } from '../../journal/codec/decode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Entry, Listener, RunScheduled } from '../../journal/entry.ts'
import type { EventBody } from '../../journal/event.ts'
import type { CancelRule } from '../define/cancel-on.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Expressions } from '../router/folding.ts'
import type { EventView } from '../router/listeners.ts'
import type { Moment } from '../run/retry.ts'
import { Run } from '../run/run.ts'
import { type Plan, tickOf } from './timetable.ts'
import { type Born, born } from './turn.ts'

export interface OriginsHost {
  readonly workflows: ReadonlyMap<string, AnyWorkflow>
  readonly expressions: Expressions
  newRunId(): string
  seedOf(run: string): string
  /** A condition could not be evaluated: it counts as not met. */
  unmet(facts: object, error: unknown): void
}

/** How runs come to be: the entries they begin with. */
export class Origins {
  readonly #host: OriginsHost

  constructor(host: OriginsHost) {
    this.#host = host
  }

  /** A run that an event starts, which may lie in the future. */
  ofEvent(workflow: AnyWorkflow, body: EventBody, view: EventView, moment: Moment): Born {
    const id = this.#host.newRunId()
    const { name, id: eventId, ts, v, data } = body
    const event = { name, id: eventId, ts, ...(v !== undefined && { v }) }
    const seed = this.#host.seedOf(id)
    const scheduled = { type: 'run.scheduled', workflow: workflow.id, data, seed, event } as const
    const entries = this.#entries(scheduled, view, moment)
    if (ts > moment.at) entries.push({ type: 'start.set', due: ts })
    return born(new Run(id, workflow), { run: id, seq: 0, ...moment, entries })
  }

  /** The run of a tick of a schedule. */
  ofTick(id: string, plan: Plan, nominal: number, moment: Moment, limits: ValueLimits): Born {
    const { schedule, workflow } = plan
    const { name, data } = tickOf(plan, nominal, limits)
    const seed = this.#host.seedOf(id)
    const event = { name, id, ts: nominal }
    const of = { workflow: workflow.id, data, seed, event, schedule: schedule.id }
    const view = { ...event, data: decodeValue(data) }
    const entries = this.#entries({ type: 'run.scheduled', ...of }, view, moment)
    return born(new Run(id, workflow), { run: id, seq: 0, ...moment, entries })
  }

  /** The entries of a run that is started otherwise. */
  entries(scheduled: RunScheduled, run: string, moment: Moment): Entry[] {
    const rules = this.#rules(scheduled)
    if (rules.length === 0) return [scheduled]
    const data = decodeValue(scheduled.data)
    const view = { name: 'perdure/run.scheduled', data, id: run, ts: moment.at }
    return this.#entries(scheduled, view, moment)
  }

  #listener(rule: CancelRule, at: number, view: EventView, moment: Moment): Listener[] {
    const listener = this.#listenerOf(rule, at, view, moment)
    if (listener === undefined) return []
    return [
      rule.timeout === undefined ? listener : { ...listener, until: moment.at + rule.timeout },
    ]
  }

  // A condition that fails on this run's own event cannot be met by any other.
  #listenerOf(rule: CancelRule, at: number, view: EventView, moment: Moment): Listener | undefined {
    try {
      return this.#host.expressions.listener(String(at), rule, view, moment.at)
    } catch (error) {
      this.#host.unmet({ event: rule.event, startedBy: view.name }, error)
      return undefined
    }
  }

  #rules({ workflow }: RunScheduled): readonly CancelRule[] {
    return this.#host.workflows.get(workflow)?.cancelOn ?? []
  }

  #entries(scheduled: RunScheduled, view: EventView, moment: Moment): Entry[] {
    const on = this.#rules(scheduled).flatMap((rule, at) => this.#listener(rule, at, view, moment))
    return on.length === 0 ? [scheduled] : [scheduled, { type: 'cancel.set', on }]
  }
}
