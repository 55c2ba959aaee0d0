import { setImmediate as immediate } from 'node:timers/promises'
import type { BodyCall } from '../engine/body-runner.ts'
import { systemClock } from '../ports/clock.ts'

/** How long bodies that wait for something real are waited for, if there is something to wait for. */
const PATIENCE_MS = 5_000
/** How long they are waited for in any case: what they wait for is not always to be seen. */
const LEAST_PATIENCE_MS = 100
const LEAST_ROUNDS = 50

/** Step bodies that do what they do: for a file or a socket one has to wait really. */
export class Outside {
  #running = new Set<object>()
  /** What kept the process alive before they ran, how many of each kind. */
  #resources: Resources = new Map()

  /** Calls the body, and `ended` when what it promised is there. */
  run(call: BodyCall, ended: () => void): unknown {
    if (this.#running.size === 0) this.#resources = resources()
    const result = call.body()
    if (!(result instanceof Promise)) return result
    this.#running.add(result)
    const end = (): void => {
      this.#running.delete(result)
      ended()
    }
    result.then(end, end)
    return result
  }

  /** Their process has died: nobody waits for them. */
  forget(): void {
    this.#running = new Set()
  }

  /** Resolves when none is running any more, or none seems to come to an end. */
  async wait(settle: () => Promise<void>): Promise<void> {
    const begun = systemClock.elapsed()
    for (let round = 0; this.#running.size > 0; round++) {
      const waited = systemClock.elapsed() - begun
      const isOver = waited > LEAST_PATIENCE_MS && round > LEAST_ROUNDS
      if (waited > PATIENCE_MS || (isOver && !isMore(resources(), this.#resources))) return
      await immediate()
      await settle()
    }
  }
}

type Resources = ReadonlyMap<string, number>

function resources(): Resources {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

const isMore = (now: Resources, before: Resources): boolean =>
  [...now].some(([kind, count]) => count > (before.get(kind) ?? 0))
