import type { JoinedEvent } from '../../journal/admission-entry.ts'
import { type KeyHost, keyHolds, keyResult, keyValue } from '../admission/key.ts'
import type { Request } from '../admission/request.ts'
import type { Flow } from '../define/flow/flow.ts'
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
    return this.#request(of, view)
  }

  /** Of a run that is there. `joined`: what it has gathered and not noted yet. */
  ofRun(run: Run, now: Moment, joined: readonly JoinedEvent[] = []): Request {
    const { id, scheduled, gathers } = run
    const { workflow, createdAt: ts } = run.ledger
    const bytes = joined.reduce((sum, { data }) => sum + data.length, run.ledger.bytes)
    const begun = { id, createdAt: ts, scheduled, gathers, joined: [...run.joined, ...joined] }
    const of = { run: id, workflow, ts, bytes, now, isLater: false, isChild: false }
    return this.#request(of, () => openingOf(begun).event)
  }

  #request(of: Of, view: () => ReceivedEvent): Request {
    const { run, workflow, now } = of
    const { expressions, unmet } = this.#host
    let seen: ReceivedEvent | undefined
    const event = (): ReceivedEvent => (seen ??= view())
    const host: KeyHost = {
      evaluate: (text, event) => expressions.value(text, event, now.at),
      failed: (key, error) => unmet({ run, workflow, key: key.text }, error),
    }
    return {
      ...of,
      flow: this.#host.flowOf(workflow) ?? FREE,
      textOf: key => (key === undefined ? '' : keyValue(key, event(), host)),
      resultOf: key => keyResult(key, event(), host),
      meets: key => keyHolds(key, event(), host),
    }
  }
}

type Of = Pick<Request, 'run' | 'workflow' | 'ts' | 'bytes' | 'now' | 'isLater' | 'isChild'>

/** Of a workflow without limits: it may be paused all the same. */
const FREE: Flow = { concurrency: [] }
