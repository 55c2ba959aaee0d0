import type { Admission } from './admission.ts'
import type { Crowd } from './crowds.ts'
import { isPutOff } from './gathering.ts'
import { SHARED } from './limit-id.ts'
import { Draft, type Memory } from './marks.ts'
import { isDrained } from './pause.ts'
import { rationed } from './rationed.ts'
import type { Request } from './request.ts'

type Asked = Pick<Admission, 'marks' | 'lobby' | 'passage' | 'single'>

/**
 * How many of these would have to wait to begin if they came now, in this order. They pass the stages
 * that `Admission` has, but nothing comes of it.
 */
export function waitersAmong(requests: readonly Request[], admission: Asked): Crowd {
  const marks = new Draft(admission.marks)
  const room = new Map<string, number>()
  const waiters = requests.filter(
    request => enters(request, marks) && waits(request, admission, room),
  )
  return { runs: waiters.length, bytes: waiters.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function enters(request: Request, marks: Memory): boolean {
  const { workflow, isLater } = request
  if (isDrained(marks, SHARED) || isDrained(marks, workflow)) return false
  if (rationed(request, marks) !== undefined) return false
  return !isPutOff(request, marks) && !isLater
}

function waits(request: Request, admission: Asked, room: Map<string, number>): boolean {
  const { flow, now } = request
  const { id, decision } = admission.single(request)
  const isShared = flow.singleton?.mode === 'cancel'
  if (!isShared) {
    if (decision?.kind === 'skip' || id.some(single => room.get(single) === 0)) return false
    // It holds that from now on, whether it waits or not.
    for (const single of id) room.set(single, 0)
  }
  const passage = admission.passage(request, isShared ? id : [])
  return !admission.lobby.takesFrom(room, passage, now.elapsed)
}
