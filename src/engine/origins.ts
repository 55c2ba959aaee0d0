import { isDeepStrictEqual } from 'node:util'
import type { JoinedEvent } from '../../journal/admission-entry.ts'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Entry, Listener, RunScheduled } from '../../journal/entry.ts'
import type { EventBody } from '../../journal/event.ts'
import { cancelOf } from '../../journal/open-commands.ts'
import type { CancelRule } from '../define/cancel-on.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Expressions } from '../router/folding.ts'
import type { EventView } from '../router/listeners.ts'
import { openingOf } from '../run/opening.ts'
import type { Moment } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'
import { type Plan, tickOf } from './timetable.ts'

export interface OriginsHost {
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
  ofEvent(workflow: AnyWorkflow, body: EventBody, view: EventView, moment: Moment): Arrival {
    const id = this.#host.newRunId()
    const { name, id: eventId, ts, v, data } = body
    const event = { name, id: eventId, ts, ...(v !== undefined && { v }) }
    const seed = this.#host.seedOf(id)
    const scheduled = { type: 'run.scheduled', workflow: workflow.id, data, seed, event } as const
    const from = ts > moment.at ? { from: ts } : {}
    return { id, workflow, scheduled, moment, view: () => view, ...from }
  }

  /** The run of a tick of a schedule. */
  ofTick(id: string, plan: Plan, nominal: number, moment: Moment, limits: ValueLimits): Arrival {
    const { schedule, workflow } = plan
    const { name, data } = tickOf(plan, nominal, limits)
    const seed = this.#host.seedOf(id)
    const event = { name, id, ts: nominal }
    const of = { workflow: workflow.id, data, seed, event, schedule: schedule.id }
    const view = () => ({ ...event, data: decodeValue(data) })
    return { id, workflow, scheduled: { type: 'run.scheduled', ...of }, moment, view }
  }

  /** A run that is started otherwise. */
  of(id: string, workflow: AnyWorkflow, scheduled: RunScheduled, moment: Moment): Arrival {
    const name = 'perdure/run.scheduled'
    const view = () => ({ name, data: decodeValue(scheduled.data), id, ts: moment.at })
    return { id, workflow, scheduled, moment, view }
  }

  /** The entries that it begins with, whatever else is to be said of it. */
  entries({ workflow, scheduled, moment, view }: Arrival): Entry[] {
    const entries: Entry[] = [scheduled]
    if (workflow.cancelOn.length > 0) {
      const on = this.#cancels(workflow, view(), moment.at)
      if (on.length > 0) entries.push({ type: 'cancel.set', on })
    }
    return entries
  }

  /**
   * What cancels a run from now on that has gathered all it begins with, if that is not what has
   * cancelled it until now: its event need not be the one any more that it was scheduled with.
   */
  anew({ workflow, ...run }: Run, more: readonly JoinedEvent[]): Entry[] {
    if (workflow === undefined || workflow.cancelOn.length === 0) return []
    const { id, scheduled, gathers, ledger } = run
    // Of a batch it is the first, however many follow.
    if (gathers === 'batch') return []
    const { createdAt } = ledger
    const joined = [...run.joined, ...more]
    const { event } = openingOf({ id, createdAt, scheduled, gathers, joined })
    const on = this.#cancels(workflow, event, createdAt)
    return isSame(on, cancelOf(ledger)?.on ?? []) ? [] : [{ type: 'cancel.set', on }]
  }

  #cancels({ cancelOn }: AnyWorkflow, view: EventView, accepted: number): Listener[] {
    return cancelOn.flatMap((rule, at) => {
      const listener = this.#listenerOf(rule, at, view, accepted)
      if (listener === undefined) return []
      const { timeout } = rule
      return timeout === undefined ? listener : { ...listener, until: accepted + timeout }
    })
  }

  // A condition that fails on this run's own event cannot be met by any other.
  #listenerOf(rule: CancelRule, at: number, view: EventView, now: number): Listener | undefined {
    try {
      return this.#host.expressions.listener(String(at), rule, view, now)
    } catch (error) {
      this.#host.unmet({ event: rule.event, startedBy: view.name }, error)
      return undefined
    }
  }
}

const isSame = (some: readonly Listener[], others: readonly Listener[]): boolean =>
  isDeepStrictEqual(some.map(partsOf), others.map(partsOf))

// Bytes that were read are of another class than those that were made.
const partsOf = ({ key, event, program, literals, until }: Listener) =>
  [key, event, program, literals && Buffer.from(literals).toString('latin1'), until] as const
