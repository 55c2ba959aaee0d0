import { type Clock, type Engine, type Ids, openEngine, type Workflow } from 'perdure'
import type { VirtualClock } from '../../src/testing/clock.ts'
import type { Disk } from '../../src/testing/disk.ts'
import type { RunData } from './calls.ts'
import type { Mirror } from './mirror.ts'
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
  readonly mirror: Mirror | undefined
  readonly isAlive: () => boolean
  guard<Value>(look: () => Value): Value | undefined
}

export function newLife(host: LifeHost): Life {
  const { plan, disk, ids, witness, mirror, isAlive, guard } = host
  const clock = mortal(host.clock, isAlive)
  const { programs } = plan
  const stage = new LiveStage({
    programs,
    clock,
    witness,
    isAlive,
    guard,
    isReplay: () => mirror?.isAtWork === true,
  })
  const workflows = workflowsOf(programs, plan.watcher ?? false, stage)
  stage.workflows = workflows
  return {
    workflows,
    open: () =>
      openEngine({
        path: 'simulated',
        store: disk.open(),
        ids,
        workflows: mirror?.watch(workflows) ?? workflows,
        retention: plan.retention ?? 'forever',
        concurrency: plan.concurrency,
        limits: { residentRuns: plan.residentRuns },
        clock,
      }),
  }
}

/** Whether the code of a workflow does the same in each life. */
export function isSteady({ programs }: Plan, workflow: string): boolean {
  const parts = programs[Number(workflow.slice(1))]?.parts ?? []
  return parts.every(({ kind }) => kind !== 'dies' && kind !== 'fickle')
}

/** What a dead process asked to be woken for rings no more. */
export const mortal = (clock: VirtualClock, isAlive: () => boolean): Clock => ({
  wall: () => clock.wall(),
  elapsed: () => clock.elapsed(),
  alarm: (ms, ring) =>
    isAlive() ? clock.alarm(ms, () => (isAlive() ? ring() : undefined)) : () => {},
})
