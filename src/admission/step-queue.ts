import { type Limit, SlotLimit } from './limit.ts'
import { SHARED } from './limit-id.ts'
import type { StepRoom } from './limits.ts'
import { ALL, type Claimant, idIn, ONLY_ALL, StepClaim } from './step-claim.ts'
import type { StepLane, WaitingStep } from './step-lane.ts'
import { StepLanes } from './step-lanes.ts'
import { StepLimit } from './step-limit.ts'
import { type Blocked, Turnstile } from './turnstile.ts'

export interface StepQueueHost {
  /** How many may execute under a limit at once, as a workflow says; nothing: it knows no such limit. */
  most(workflow: string, id: string): number | undefined
  /** Of a limit, a workflow or everything: how long no step begins; nothing: it is not paused. */
  pausedUntil(what: string): number | undefined
  /** The workflows that share a limit. */
  sharers(id: string): Iterable<string>
  /** Something has left, or nobody waits for it here any more. */
  freed(id: string): void
}

/** Steps that wait for a place to execute, and how many do. */
export class StepQueue<Job> implements StepRoom {
  readonly #host: StepQueueHost
  readonly #all: SlotLimit
  readonly #turnstile: Turnstile<StepLane<Job>>
  readonly #lanes: StepLanes<Job>
  readonly #executing = new Map<string, number>()
  /** Limits that have room, but runs were told that steps go first. */
  readonly #reserved = new Set<string>()

  constructor(most: number, host: StepQueueHost) {
    this.#host = host
    this.#all = new SlotLimit(most)
    this.#turnstile = new Turnstile(name => this.#limit(name))
    const isPaused = (workflow: string, now: number) => (host.pausedUntil(workflow) ?? 0) > now
    this.#lanes = new StepLanes(this.#turnstile, isPaused)
  }

  get running(): number {
    return this.#all.taken
  }

  get size(): number {
    return this.#lanes.size
  }

  executing(id: string): number {
    return this.#executing.get(id) ?? 0
  }

  /**
   * Expects that the limit has room. Then a step that cannot go either is held up by another key, by
   * a pause of one, or by how many execute at all: only for the last do runs wait with it.
   */
  goFirst(workflow: string, id: string, now: number): boolean {
    if (!this.#lanes.waitFor(`${workflow}!${id}`)) return false
    this.#lanes.part(now)
    if (this.#all.roomAt() === 0 && !this.#turnstile.hasNext(now)) return false
    this.#reserved.add(id)
    return true
  }

  /** What steps of a run ask for a place with that come under these limits of its workflow. */
  claim({ run, workflow, rank }: Claimant, limits: readonly string[]): StepClaim {
    const own = limits.map(id => this.#stop(workflow, id))
    return new StepClaim({ run, workflow, rank }, [
      this.#stop('', SHARED),
      this.#stop('', workflow),
      ...own,
    ])
  }

  /**
   * Whether a step may execute at once, overtaking nobody; then it does. Without a claim it comes
   * under no limit of its own.
   */
  passes(claim: StepClaim | undefined, now: number): boolean {
    if (this.size > 0 || this.#all.roomAt() > 0) return false
    if (claim !== undefined && !this.#turnstile.passes(claim.limits, now)) return false
    this.#all.take()
    return true
  }

  /** Puts a step in line. Returns how to take it out. */
  push(job: Job, claim: StepClaim): () => boolean {
    const step = this.#lanes.push(job, claim)
    return () => this.#remove(step)
  }

  /** The next that may execute; it counts as executing from now on. */
  next(now: number): Job | undefined {
    this.#lanes.part(now)
    const lane = this.#turnstile.next(now)
    const first = lane && this.#lanes.shift(lane)
    if (lane === undefined || first === undefined) {
      this.#release()
      return undefined
    }
    this.#left(lane)
    return first.job
  }

  /** One that executed has ended. */
  done(claim: StepClaim | undefined): void {
    this.#all.leave()
    this.#turnstile.wake(ALL)
    for (const limit of claim?.limits ?? []) {
      limit.leave()
      if (limit.counts) this.wake(limit.id)
    }
  }

  /** Something about a limit has changed: more may execute. */
  wake(id: string): void {
    if (this.size > 0) {
      for (const workflow of this.#host.sharers(id)) this.#turnstile.wake(`${workflow}!${id}`)
    }
    this.#host.freed(id)
  }

  /** A pause of everything or of a workflow is over, or is another. */
  wakeAll(what: string): void {
    this.#turnstile.wake(`!${what}`)
  }

  /** What holds up steps of this claim, if anything does. */
  blockedBy(claim: StepClaim | undefined, now: number): Blocked | undefined {
    return this.#turnstile.blockedBy(claim?.stops ?? ONLY_ALL, now)
  }

  clear(): void {
    this.#lanes.clear()
    this.#reserved.clear()
  }

  /** When a step may execute that only time holds up, on the elapsed clock. */
  get wakeAt(): number | undefined {
    return this.#turnstile.wakeAt
  }

  #remove(step: WaitingStep<Job>): boolean {
    const lane = step.at?.lane
    if (lane === undefined || !this.#lanes.remove(step)) return false
    this.#left(lane)
    return true
  }

  // No step can go now: if that is not for lack of room at all, runs may.
  #release(): void {
    if (this.#all.roomAt() > 0 || this.#reserved.size === 0) return
    const ids = [...this.#reserved]
    this.#reserved.clear()
    for (const id of ids) this.#host.freed(id)
  }

  // Runs begin only where no step waits.
  #left({ limits }: StepLane<Job>): void {
    for (const name of limits) {
      const id = this.#lanes.waitFor(name) ? undefined : idIn(name)
      if (id !== undefined) this.#host.freed(id)
    }
  }

  #limit(name: string): Limit | undefined {
    if (name === ALL) return this.#all
    const at = name.indexOf('!')
    return this.#stop(name.slice(0, at), name.slice(at + 1))
  }

  #stop(workflow: string, id: string): StepLimit {
    return new StepLimit(this.#host, this.#executing, workflow, id)
  }
}
