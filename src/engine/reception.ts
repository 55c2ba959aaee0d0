import type { AdmissionCommand, JoinedEvent } from '../../journal/admission-entry.ts'
import type { Command } from '../../journal/entry.ts'
import type { Group } from '../../journal/group.ts'
import type { Admission, Entrance, Verdict } from '../admission/admission.ts'
import type { Join } from '../admission/gathering.ts'
import type { Request } from '../admission/request.ts'
import { isHandler } from '../run/ending-handler.ts'
import type { Moment } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'
import type { Requests } from './requests.ts'

/** What admission has made of an arrival, or of a run that would begin. */
export interface Reply {
  /** Ids of what its steps come under, if its keys were evaluated. */
  readonly stepLimits?: readonly string[]
  /** What is to be recorded of it, beside what it comes with; nothing: it leaves no run. */
  readonly entries: readonly Command[] | undefined
  /** The run that gathers it. */
  readonly join?: Join
  /** A run that gathers no more. */
  readonly closes?: string | undefined
  /** Runs that have to make room. */
  readonly cancel: readonly string[]
}

/** Of a run that begins at once and leaves nothing else to write. */
export type Passed = Pick<Reply, 'stepLimits'> & { readonly entries: readonly Command[] }

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
    const { workflow, scheduled } = arrival
    if (scheduled.continues !== undefined) return this.#succeed(arrival, scheduled.continues)
    // It belongs to a run that was taken in: whatever is held up or full, it is begun.
    if (isHandler(workflow)) return NOTHING
    if (!this.#admission.concerns(workflow.id)) return later(arrival) ?? NOTHING
    const request = this.#requests.ofArrival(arrival)
    const reply = this.#reply(group, request, this.#admission.arrive(request), arrival)
    this.write(group)
    return reply
  }

  /**
   * What is recorded of an arrival that begins at once and leaves nothing else to write, so that it
   * may be decided ahead of its write. Undefined: it has to arrive.
   */
  pass(arrival: Arrival): Passed | undefined {
    const passage = this.#admission.pass(this.#requests.ofArrival(arrival))
    if (passage === undefined) return undefined
    const { holds, stepLimits } = passage
    return { entries: holds.length === 0 ? [] : [{ type: 'slot.set', holds }], stepLimits }
  }

  /** A run would begin: its time has come, or it has gathered enough. `joined`: not noted yet. */
  enter(group: Group, run: Run, moment: Moment, joined: readonly JoinedEvent[]): Reply {
    this.#admission.gatherers.end(run.id)
    if (!this.#admission.concerns(run.ledger.workflow)) return NOTHING
    const reply = this.#enter(group, this.#requests.ofRun(run, moment, joined))
    this.write(group)
    return reply
  }

  /** Writes what policies remember, as far as it has changed. */
  write(group: Group): void {
    this.#admission.marks.changed(({ id, state, check }) => {
      if (state !== undefined) return group.putLimit(id, state, check)
      if (check !== undefined) group.dropLimit(id, check)
      return undefined
    })
  }

  #reply(group: Group, request: Request, verdict: Verdict, arrival: Arrival): Reply {
    switch (verdict.kind) {
      case 'skip':
        return { entries: [skipped(verdict)], cancel: [] }
      case 'gather':
        return { entries: [verdict.set], closes: verdict.closes, cancel: [] }
      case 'join':
        return { entries: joined(verdict, arrival), join: verdict, cancel: [] }
      case 'enter':
        return { ...(later(arrival) ?? this.#enter(group, request)), closes: verdict.closes }
      default:
        return verdict satisfies never
    }
  }

  #enter(group: Group, request: Request): Reply {
    const entrance = this.#admission.enter(request)
    if (entrance.kind === 'skip') return { entries: [skipped(entrance)], cancel: [] }
    const { cancel, passage } = entrance
    const { stepLimits } = passage
    return { entries: entries(entrance, request, group), cancel, stepLimits }
  }

  /** What a run holds goes over to the one that continues it. */
  #succeed({ id }: Arrival, continued: string): Reply {
    const { holders } = this.#admission.lobby
    const holds = holders.heldBy(continued)
    if (holds.length === 0) return NOTHING
    holders.hold(id, holds)
    return { entries: [{ type: 'slot.set', holds }], cancel: [] }
  }
}

const skipped = ({ reason, by }: Extract<Entrance, { kind: 'skip' }>): AdmissionCommand => ({
  type: 'run.skipped',
  reason,
  ...(by !== undefined && { by }),
})

/** Whoever asks for an answer has a run to ask it of; an event is just part of the other run. */
function joined({ run }: Join, { scheduled }: Arrival): readonly Command[] | undefined {
  const isEvent = scheduled.event !== undefined && scheduled.schedule === undefined
  return isEvent ? undefined : [skipped({ kind: 'skip', reason: 'joined', by: run })]
}

const later = ({ from }: Arrival): Reply | undefined =>
  from === undefined ? undefined : { entries: [{ type: 'start.set', due: from }], cancel: [] }

function entries(
  { kind, passage, rank, holds }: Exclude<Entrance, { kind: 'skip' }>,
  { bytes, now, flow }: Request,
  group: Group,
): Command[] {
  const held = kind === 'begin' ? [...holds, ...passage.holds] : holds
  const commands: Command[] = held.length === 0 ? [] : [{ type: 'slot.set', holds: held }]
  if (kind === 'begin') return commands
  const { lane, limits, holds: later } = passage
  const place = group.nextPlace()
  commands.push({ type: 'queue.set', lane, rank, place, limits, holds: later, bytes })
  const start = flow.timeouts?.start
  if (start !== undefined) {
    commands.push({ type: 'deadline.set', phase: 'start', due: now.elapsed + start, after: start })
  }
  return commands
}
