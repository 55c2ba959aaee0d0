import type { JoinedEvent } from '../../journal/admission-entry.ts'
import { type KeyHost, keyHolds, keyResult, keyValue } from '../admission/key.ts'
import type { Request } from '../admission/request.ts'
import type { Flow } from '../define/flow/flow.ts'
import type { Key } from '../define/flow/key.ts'
import type { ReceivedEvent } from '../define/received-event.ts'
import type { Expressions } from '../router/folding.ts'
import { openingOf } from '../run/opening.ts'
import type { Moment } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'

export interface RequestsHost {
  readonly expressions: Expressions
  flowOf(workflow: string): Flow | undefined
  /** A key could not be evaluated. */
  unmet(facts: object, error: unknown): void
}

/** What admission is asked, with the keys of the event in question. */
export class Requests {
  readonly #host: RequestsHost

  constructor(host: RequestsHost) {
    this.#host = host
  }

  ofArrival({ id, workflow, scheduled, moment, view, from }: Arrival): Request {
    const ts = scheduled.event?.ts ?? moment.at
    const bytes = scheduled.data.length
    const [isLater, isChild] = [from !== undefined, scheduled.parent !== undefined]
    const of = { run: id, workflow: workflow.id, ts, bytes, now: moment, isLater, isChild }
    return new Asked(of, view, this.#host)
  }

  /** Of a run that is there. `joined`: what it has gathered and not noted yet. */
  ofRun(run: Run, now: Moment, joined: readonly JoinedEvent[] = []): Request {
    const { id, scheduled, gathers } = run
    const { workflow, createdAt, readyAt: ts } = run.ledger
    const bytes = joined.reduce((sum, { data }) => sum + data.length, run.ledger.bytes)
    const begun = { id, createdAt, scheduled, gathers, joined: [...run.joined, ...joined] }
    const of = { run: id, workflow, ts, bytes, now, isLater: false, isChild: false }
    return new Asked(of, () => openingOf(begun).event, this.#host)
  }
}

type Of = Pick<Request, 'run' | 'workflow' | 'ts' | 'bytes' | 'now' | 'isLater' | 'isChild'>

// A class, since two are made for a run: closures of its own for each would be most of their cost.
class Asked implements Request, KeyHost {
  readonly run: string
  readonly workflow: string
  readonly flow: Flow
  readonly ts: number
  readonly bytes: number
  readonly isLater: boolean
  readonly isChild: boolean
  readonly now: Request['now']
  readonly #host: RequestsHost
  readonly #view: () => ReceivedEvent
  #seen: ReceivedEvent | undefined

  constructor(of: Of, view: () => ReceivedEvent, host: RequestsHost) {
    this.run = of.run
    this.workflow = of.workflow
    this.flow = host.flowOf(of.workflow) ?? FREE
    this.ts = of.ts
    this.bytes = of.bytes
    this.isLater = of.isLater
    this.isChild = of.isChild
    this.now = of.now
    this.#host = host
    this.#view = view
  }

  textOf(key: Key | undefined): string | undefined {
    return key === undefined ? '' : keyValue(key, this.#event, this)
  }

  resultOf(key: Key): unknown {
    return keyResult(key, this.#event, this)
  }

  meets(key: Key): boolean {
    return keyHolds(key, this.#event, this)
  }

  as(run: string, bytes: number): Request {
    return new Asked({ ...this, run, bytes }, () => this.#event, this.#host)
  }

  evaluate(text: string, event: ReceivedEvent): unknown {
    return this.#host.expressions.value(text, event, this.now.at)
  }

  failed(key: Key, error: unknown): void {
    const { run, workflow } = this
    this.#host.unmet({ run, workflow, key: key.text }, error)
  }

  get #event(): ReceivedEvent {
    this.#seen ??= this.#view()
    return this.#seen
  }
}

/** Of a workflow without limits: it may be paused all the same. */
const FREE: Flow = { concurrency: [] }
