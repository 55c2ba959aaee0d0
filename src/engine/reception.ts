import type { Command, Entry } from '../../journal/entry.ts'
import type { Group } from '../../journal/group.ts'
import type { Admission, Entered, Refused } from '../admission/admission.ts'
import type { Gathered } from '../admission/gathering.ts'
import type { Request } from '../admission/request.ts'
import type { Flow } from '../define/flow/flow.ts'
import type { EventView } from '../router/listeners.ts'
import type { Moment } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'
import type { Requests } from './requests.ts'

/** What admission has made of an arrival, or of a run that would begin. */
export interface Reply {
  /** What is to be recorded of it, beside what it comes with; none if it leaves no run. */
  readonly entries: readonly Command[] | undefined
  /** The run that it is gathered by. */
  readonly join?: Extract<Gathered, { kind: 'join' }>
  /** Runs that have to make room. */
  readonly cancel: readonly string[]
}

const NOTHING: Reply = { entries: [], cancel: [] }

/**
 * Asks admission about what arrives, in the write that records it, and puts its answer into entries
 * and rows.
 */
export class Reception {
  readonly #admission: Admission
  readonly #requests: Requests

  constructor(admission: Admission, requests: Requests) {
    this.#admission = admission
    this.#requests = requests
  }

  arrive(group: Group, arrival: Arrival): Reply {
    const { workflow, scheduled, moment } = arrival
    if (!this.#admission.concerns(workflow.id)) return NOTHING
    if (scheduled.continues !== undefined) return this.#succeed(arrival, scheduled.continues)
    const request = this.#requests.ofArrival(arrival)
    const verdict = this.#admission.arrive(request)
    const reply = this.#reply(group, request, verdict, arrival)
    this.#write(group)
    return reply
  }

  /** A run would begin: its time has come, or it has gathered enough. */
  enter(group: Group, run: Run, moment: Moment): Reply {
    this.#admission.gatherers.end(run.id)
    if (!this.#admission.concerns(run.ledger.workflow)) return NOTHING
    const reply = this.#enter(group, this.#requests.ofRun(run, moment))
    this.#write(group)
    return reply
  }
}
