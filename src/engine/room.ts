import type { Admission } from '../admission/admission.ts'
import type { Crowd } from '../admission/crowds.ts'
import { EngineError } from '../define/error.ts'
import type { Triggers } from '../router/triggers.ts'
import { type OutgoingEvent, viewOf } from './event-view.ts'

/** Throws OVERLOADED if no more of a workflow may wait to begin. */
export function mustHaveRoom(admission: Admission, workflow: string, more: Crowd): void {
  if (!admission.concerns(workflow) || !admission.backlogs.refuses(workflow, more)) return
  throw overloaded(workflow)
}

/** The same of all that events would start. */
export function mustHaveRoomFor(
  events: readonly OutgoingEvent[],
  admission: Admission,
  triggers: Triggers,
  now: number,
): void {
  const bytes = events.reduce((sum, { body }) => sum + body.data.length, 0)
  if (!admission.backlogs.isTight({ runs: events.length, bytes })) return
  const wanted = new Map<string, Crowd>()
  for (const { body } of events) {
    const copy = () => viewOf(body)
    // A condition that fails is told of when the event is sent.
    for (const { id } of triggers.startedBy(copy(), { now, copy, unmet: () => {} })) {
      const { runs, bytes } = wanted.get(id) ?? { runs: 0, bytes: 0 }
      wanted.set(id, { runs: runs + 1, bytes: bytes + body.data.length })
    }
  }
  for (const [workflow, more] of wanted) mustHaveRoom(admission, workflow, more)
}

const overloaded = (workflow: string): EngineError =>
  new EngineError('OVERLOADED', `No more runs of '${workflow}' may wait to begin.`, {
    hint: 'Nothing was accepted. Come later, or raise `backlog`, limits.waitingRuns or waitingBytes.',
    facts: { workflow },
  })
