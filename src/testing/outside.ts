import { setImmediate as immediate } from 'node:timers/promises'
import type { BodyCall } from '../engine/body-runner.ts'
import { systemClock } from '../ports/clock.ts'

/** How long bodies that wait for something real are waited for, if there is something to wait for. */
const PATIENCE_MS = 5_000
/** How long they are waited for in any case: what they wait for is not always to be seen. */
const LEAST_PATIENCE_MS = 25

/** Step bodies that do what they do: for a file or a socket one has to wait really. */
export class Outside {
  #running = new Set<object>()
  /** What kept the process alive before they ran. */
  #resources = 0

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
    while (this.#running.size > 0) {
      const waited = systemClock.elapsed() - begun
      if (waited > (resources() > this.#resources ? PATIENCE_MS : LEAST_PATIENCE_MS)) return
      await immediate()
      await settle()
    }
  }
}

const resources = (): number => process.getActiveResourcesInfo().length
