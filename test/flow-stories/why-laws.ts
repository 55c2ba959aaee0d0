import type { LimitInfo, Reason } from '../../src/inspect/why.ts'
import { LawBroken } from '../laws/law.ts'
import { MOST } from './flow.ts'
import type { Recorded, Records } from './records.ts'
import type { At } from './story.ts'
import type { World } from './world.ts'

/** What can be seen of an engine at rest. */
export interface Scene {
  readonly records: Records
  readonly world: World
  /** Whether anything may be paused. */
  readonly hasPaused: boolean
}

/** At rest every run that has not ended waits for something, and what limits it is at its limit. */
export async function mayWait(scene: Scene): Promise<void> {
  for (const recorded of scene.records.active) {
    const { run, workflow, status, parkedFor } = recorded.ledger
    if (status === 'parked') {
      throw new LawBroken('no run is parked', `${run} of ${workflow} is, for ${parkedFor}`)
    }
    const { waitsFor } = await scene.world.engine.why(run)
    if (waitsFor.length === 0) {
      throw new LawBroken('a run at rest waits for something', `${run} of ${workflow} does not`)
    }
    for (const reason of waitsFor) {
      const fault = faultOf(reason, recorded, scene)
      if (fault === undefined) continue
      const told = `${run} of ${workflow} waits for ${JSON.stringify(reason)}, but ${fault}`
      throw new LawBroken('nothing waits while nothing holds it', told)
    }
  }
}

function faultOf(reason: Reason, { ledger }: Recorded, scene: Scene): string | undefined {
  const isHeldUp =
    reason.kind === 'turn' ||
    (reason.kind === 'step' && !reason.executes && ledger.status !== 'paused')
  if (!isHeldUp) return undefined
  return reason.limit === undefined ? 'no limit is named' : limitFault(reason.limit, scene)
}

function limitFault(limit: LimitInfo, { records, world, hasPaused }: Scene): string | undefined {
  const { kind, most, holders } = limit
  const isFull = world.held.length >= world.most
  switch (kind) {
    case 'pause':
      return hasPaused ? undefined : 'nothing was ever paused'
    case 'throttle':
      return throttleFault(limit, records, world)
    case 'engine':
      if (!isFull) return `${world.held.length} execute`
      return most === world.most && holders.length === most ? undefined : 'others hold it'
    case 'unknown-workflow':
      return 'the engine knows it'
    case 'step':
    case 'run':
    case 'singleton':
      if (most === undefined) return 'it has no number'
      // Steps that wait for the engine go before the runs that would begin.
      if (kind === 'step' && isFull) return undefined
      if (holders.length < most) return 'it has room'
      return kind === 'singleton' ? singletonFault(limit, records, world) : undefined
    default:
      return kind satisfies never
  }
}

/**
 * Whatever the pace was before, what has begun under it counts as one start. At this pace, so many may
 * have begun at once as a burst may have, even if it may have fewer by now.
 */
function throttleFault(
  { of, until }: LimitInfo,
  { newest }: Records,
  { flows }: World,
): string | undefined {
  const { throttle } = flows[atOf(of)]
  if (until === undefined || throttle === undefined) return 'no time holds it up'
  const most = Math.ceil((MOST * throttle.period) / throttle.limit)
  return until <= newest + most ? undefined : `it is ${newest}, and ${most} are enough`
}

/** Where the newest run takes the place, the one that has it was told to go. */
function singletonFault(
  { of, holders }: LimitInfo,
  records: Records,
  { flows, deployed }: World,
): string | undefined {
  const at = atOf(of)
  if (flows[at].singleton?.mode !== 'cancel' || deployed.has(at)) return undefined
  const stays = holders.find(run => records.get(run)?.ledger.cancelled === undefined)
  return stays && `${stays} was not cancelled`
}

const atOf = (workflow: string) => Number(workflow.slice(1)) as At
