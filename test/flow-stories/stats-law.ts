import { isDeepStrictEqual } from 'node:util'
import type { EngineStats } from '../../src/engine/stats.ts'
import { LawBroken } from '../laws/law.ts'
import type { Records } from './records.ts'
import type { World } from './world.ts'

type Counted = Pick<
  EngineStats,
  'runs' | 'waitingRuns' | 'waitingBytes' | 'gatheringRuns' | 'runningSteps'
>

/** What the engine says of itself is what its records come to. */
export function mayCount({ active }: Records, { engine, held }: World): void {
  const queues = active.flatMap(recorded => recorded.opened('queue'))
  const counted: Counted = {
    runs: active.length,
    waitingRuns: queues.length,
    waitingBytes: queues.reduce((sum, { bytes }) => sum + bytes, 0),
    gatheringRuns: active.filter(recorded => recorded.opened('gather').length > 0).length,
    runningSteps: held.length,
  }
  const { runs, waitingRuns, waitingBytes, gatheringRuns, runningSteps } = engine.stats()
  const told: Counted = { runs, waitingRuns, waitingBytes, gatheringRuns, runningSteps }
  if (isDeepStrictEqual(told, counted)) return
  const fault = `${JSON.stringify(told)}, but there are ${JSON.stringify(counted)}`
  throw new LawBroken('the engine counts what is recorded', fault)
}
