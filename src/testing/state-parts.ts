import { openHead } from '../../journal/head-reader.ts'
import type { Rows } from './run-view.ts'
import type { Trial } from './trial.ts'

/** All that what happens next depends on. */
export interface StateParts {
  readonly rows: Rows
  readonly world: unknown
  /** What is under way, and what is left of the budget. */
  readonly rest: readonly unknown[]
}

export function statePartsOf<World>(trial: Trial<World>): StateParts {
  const { machine, dice, bodies, requests, view, prepared, idleTimes } = trial
  const { disk, clock } = machine
  return {
    rows: disk.rows,
    world: prepared.world,
    rest: [
      dice.left,
      idleTimes,
      [clock.wall(), clock.elapsed(), clock.isFrozen],
      // When an attempt began says when it will have taken too long, if there is anything to ring.
      bodies.begun({ withTimes: clock.untilNext !== undefined }),
      requests.map(({ mover, isOpen }) => [mover, isOpen]),
      view.sent,
      prepared.isUpgraded,
      prepared.workflows.some(({ flow }) => flow !== undefined) ? queueOf(disk.rows) : [],
    ],
  }
}

/** Under a limit steps go in the order in which their runs came, be it a millisecond. */
function queueOf(rows: Rows): readonly string[] {
  const heads = [...rows].flatMap(([key, row]) => (key.startsWith('a!') ? openHead(key, row) : []))
  return heads.sort((a, b) => a.createdAt - b.createdAt).map(({ run }) => run)
}
