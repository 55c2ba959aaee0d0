import { type Clock, type Engine, type Ids, openEngine, type Workflow } from 'perdure'
import type { VirtualClock } from '../../src/testing/clock.ts'
import type { Disk } from '../../src/testing/disk.ts'
import type { RunData } from './calls.ts'
import type { Plan } from './plan.ts'
import { LiveStage } from './stage.ts'
import type { Witness } from './witness.ts'
import { workflowsOf } from './workflows.ts'

/** One life of the process that the engine runs in. */
export interface Life {
  readonly workflows: readonly Workflow<RunData>[]
  open(): Promise<Engine>
}

export interface LifeHost {
  readonly plan: Plan
  readonly disk: Disk
  readonly clock: VirtualClock
  readonly ids: Ids
  readonly witness: Witness
  readonly isAlive: () => boolean
  guard<Value>(look: () => Value): Value | undefined
}

export function newLife(host: LifeHost): Life {
  const { plan, disk, ids, witness, isAlive, guard } = host
  const clock = mortal(host.clock, isAlive)
  const { programs } = plan
  const stage = new LiveStage({ programs, clock, witness, isAlive, guard })
  const workflows = workflowsOf(programs, plan.watcher, stage)
  stage.workflows = workflows
  return {
    workflows,
    open: () =>
      openEngine({
        path: 'simulated',
        store: disk.open(),
        ids,
        workflows,
        retention: plan.retention,
        concurrency: plan.concurrency,
        limits: { residentRuns: plan.residentRuns },
        clock,
      }),
  }
}

// What a dead process asked to be woken for rings no more.
const mortal = (clock: VirtualClock, isAlive: () => boolean): Clock => ({
  wall: () => clock.wall(),
  elapsed: () => clock.elapsed(),
  alarm: (ms, ring) =>
    isAlive() ? clock.alarm(ms, () => (isAlive() ? ring() : undefined)) : () => {},
})
