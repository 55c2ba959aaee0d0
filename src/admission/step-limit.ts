import type { Limit } from './limit.ts'
import type { StepQueueHost } from './step-queue.ts'
import { add } from './tally.ts'

/** What stops steps as a workflow has it; without a workflow a pause of everything, or of all of one. */
export class StepLimit implements Limit {
  readonly #host: StepQueueHost
  readonly #executing: Map<string, number>
  readonly #workflow: string
  readonly #id: string

  constructor(host: StepQueueHost, executing: Map<string, number>, workflow: string, id: string) {
    this.#host = host
    this.#executing = executing
    this.#workflow = workflow
    this.#id = id
  }

  roomAt(): number {
    const most = this.#isPause ? undefined : this.#host.most(this.#workflow, this.#id)
    const isFull = most !== undefined && (this.#executing.get(this.#id) ?? 0) >= most
    return isFull ? Number.POSITIVE_INFINITY : (this.#host.pausedUntil(this.#id) ?? 0)
  }

  take(): void {
    if (!this.#isPause) add(this.#executing, this.#id, 1)
  }

  leave(): void {
    if (!this.#isPause) add(this.#executing, this.#id, -1)
  }

  get #isPause(): boolean {
    return this.#workflow === ''
  }
}
