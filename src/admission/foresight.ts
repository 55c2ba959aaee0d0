import type { Admission } from './admission.ts'
import { BatchesAhead, type Entering } from './batches-ahead.ts'
import { type Crowd, NOBODY } from './crowds.ts'
import { isPutOff } from './gathering.ts'
import { SHARED } from './limit-id.ts'
import { Draft } from './marks.ts'
import { isDrained } from './pause.ts'
import { rationed } from './rationed.ts'
import type { Request } from './request.ts'
import { isShared } from './terms.ts'

type Asked = Pick<Admission, 'marks' | 'gatherers' | 'lobby' | 'terms' | 'decide'>

/**
 * How many of these would have to wait to begin if they came now, in this order: the most that it
 * comes to on the way, as some may take the places of others. They pass the stages that `Admission`
 * has, but nothing comes of it.
 */
export const waitersAmong = (requests: readonly Request[], admission: Asked): Crowd =>
  new Foresight(admission).most(requests)

class Foresight {
  readonly #admission: Asked
  readonly #marks: Draft
  readonly #batches: BatchesAhead
  readonly #room = new Map<string, number>()
  /** What those count for who would be cancelled next, by their singleton. */
  readonly #standing = new Map<string, Crowd>()

  constructor(admission: Asked) {
    this.#admission = admission
    this.#marks = new Draft(admission.marks)
    this.#batches = new BatchesAhead(admission.gatherers)
  }

  most(requests: readonly Request[]): Crowd {
    let now = NOBODY
    let most = NOBODY
    // One after the other: what one gives back the next may take.
    for (const request of requests) {
      for (const entering of this.#entering(request)) {
        const { runs, bytes } = this.#more(entering)
        now = { runs: now.runs + runs, bytes: now.bytes + bytes }
        most = { runs: Math.max(most.runs, now.runs), bytes: Math.max(most.bytes, now.bytes) }
      }
    }
    return most
  }

  /** What comes to where runs begin or wait, if this one came: itself, or a batch that it fills. */
  #entering(request: Request): readonly Entering[] {
    const { workflow, flow, isLater } = request
    const marks = this.#marks
    if (isDrained(marks, SHARED) || isDrained(marks, workflow)) return []
    if (rationed(request, marks) !== undefined) return []
    const batches = flow.batch && this.#batches.startedBy(request, flow.batch, marks.claims)
    return batches ?? (isPutOff(request, marks) || isLater ? [] : [{ request }])
  }

  /** What this one adds to those that wait. */
  #more({ request, terms }: Entering): Crowd {
    const { flow, run, bytes, now } = request
    const { lobby } = this.#admission
    const { single, passage } = terms ?? this.#admission.terms.of(request)
    const decision = this.#admission.decide(single, request)
    if (!isShared(flow)) {
      if (decision?.kind === 'skip' || single.some(id => this.#room.get(id) === 0)) {
        this.#marks.claims.giveBack(run)
        return NOBODY
      }
      // It holds that from now on, whether it waits or not.
      for (const id of single) this.#room.set(id, 0)
    }
    const begins = lobby.takesFrom(this.#room, passage, now.elapsed)
    const more = begins ? NOBODY : { runs: 1, bytes }
    const [shared] = isShared(flow) ? single : []
    if (shared === undefined) return more
    const cancels = decision?.kind === 'wait' ? lobby.standing(decision.cancels) : NOBODY
    const less = this.#standing.get(shared) ?? cancels
    this.#standing.set(shared, more)
    return { runs: more.runs - less.runs, bytes: more.bytes - less.bytes }
  }
}
