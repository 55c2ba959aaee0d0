import type { Admission } from '../admission/admission.ts'
import { BATCH_BYTES } from '../admission/batch.ts'
import { waitersAmong } from '../admission/foresight.ts'
import type { Request } from '../admission/request.ts'
import { EngineError } from '../define/error.ts'
import { viewOf } from '../router/event-view.ts'
import type { Moment } from '../run/retry.ts'
import type { AdmissionParts } from './admission-parts.ts'
import type { Arrival } from './arrival.ts'
import type { EventParts } from './event-parts.ts'
import type { OutgoingEvent } from './outgoing-event.ts'

/** Throws OVERLOADED if more would have to wait to begin than may. */
function mustHaveRoom(admission: Admission, wanted: ReadonlyMap<string, readonly Request[]>): void {
  const all = { runs: 0, bytes: 0 }
  for (const [workflow, requests] of wanted) {
    if (!admission.concerns(workflow)) continue
    const more = waitersAmong(requests, admission)
    all.runs += more.runs
    all.bytes += more.bytes
    const isOver = admission.backlogs.refuses(workflow, more)
    if (isOver || admission.backlogs.isFull(all)) throw overloaded(workflow)
  }
}

/** The same of one arrival. */
export const mustHaveRoomFor = (
  arrival: Arrival,
  { admission, requests }: Pick<AdmissionParts, 'admission' | 'requests'>,
): void => mustHaveRoom(admission, new Map([[arrival.workflow.id, [requests.ofArrival(arrival)]]]))

/** The same of all that events would start. */
export function mustHaveRoomForAll(
  events: readonly OutgoingEvent[],
  { admission: { admission, requests }, triggers, origins }: EventParts,
  moment: Moment,
): void {
  const sent = events.reduce((sum, { body }) => sum + body.data.length, 0)
  // Each may be the last of a batch, which begins with all that it has gathered.
  const bytes = admission.gatherers.size > 0 ? sent + events.length * BATCH_BYTES : sent
  const most = admission.rules.size
  if (!admission.backlogs.isTight({ runs: events.length, bytes }, most)) return
  const wanted = new Map<string, Request[]>()
  for (const { body } of events) {
    const copy = () => viewOf(body)
    // A condition that fails is told of when the event is sent.
    const asking = { now: moment.at, copy, unmet: () => {} }
    for (const workflow of triggers.startedBy(copy(), asking)) {
      const request = requests.ofArrival(origins.ofEvent(workflow, body, copy(), moment))
      const others = wanted.get(workflow.id)
      if (others === undefined) wanted.set(workflow.id, [request])
      else others.push(request)
    }
  }
  mustHaveRoom(admission, wanted)
}

const overloaded = (workflow: string): EngineError =>
  new EngineError('OVERLOADED', `No more runs of '${workflow}' may wait to begin.`, {
    hint: 'Nothing was accepted. Come later, or raise `backlog`, limits.waitingRuns or waitingBytes.',
    facts: { workflow },
  })
