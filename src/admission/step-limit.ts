import type { Limit } from './limit.ts'
import type { StepQueueHost } from './step-queue.ts'
import { add } from './tally.ts'

/** What stops steps as a workflow has it; without a workflow a pause of everything, or of all of one. */
export class StepLimit implements Limit {
  readonly id: string
  readonly #workflow: string
  readonly #host: StepQueueHost
  readonly #executing: Map<string, number>
  /** How many may execute under it; without that it stops steps only while it is paused. */
  readonly #most: number | undefined

  constructor(host: StepQueueHost, executing: Map<string, number>, workflow: string, id: string) {
    this.id = id
    this.#workflow = workflow
    this.#host = host
    this.#executing = executing
    this.#most = workflow === '' ? undefined : host.most(workflow, id)
  }

  get name(): string {
    return `${this.#workflow}!${this.id}`
  }

  /** Whether room comes to be under it when a step ends. */
  get counts(): boolean {
    return this.#most !== undefined
  }

  roomAt(): number {
    const isFull = this.#most !== undefined && (this.#executing.get(this.id) ?? 0) >= this.#most
    return isFull ? Number.POSITIVE_INFINITY : (this.#host.pausedUntil(this.id) ?? 0)
  }

  take(): void {
    if (this.counts) add(this.#executing, this.id, 1)
  }

  leave(): void {
    if (this.counts) add(this.#executing, this.id, -1)
  }
}
