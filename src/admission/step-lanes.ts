import { SHARED } from './limit-id.ts'
import { ALL, type StepClaim } from './step-claim.ts'
import { StepLane, WaitingStep } from './step-lane.ts'
import { add } from './tally.ts'
import type { Turnstile } from './turnstile.ts'

/** Whether no step of a workflow begins now. */
type IsPaused = (workflow: string, now: number) => boolean

/** What stops those that stand in one line whatever their workflow is. */
const COMMON = [ALL, `!${SHARED}`]

/**
 * The lanes in which steps wait, and are offered to the turnstile. Steps under no limit of their own
 * stand in one, whatever their workflow is, so that the oldest run goes first; those of a workflow
 * that is paused step aside until it goes on.
 */
export class StepLanes<Job> {
  readonly #turnstile: Turnstile<StepLane<Job>>
  readonly #isPaused: IsPaused
  readonly #lanes = new Map<string, StepLane<Job>>()
  /** Of workflows that were paused: where those wait who stand in the common lane otherwise. */
  readonly #aside = new Map<StepLane<Job>, string>()
  /** How many wait under a limit, by its name. */
  readonly #waiting = new Map<string, number>()
  #size = 0
  #place = 0

  constructor(turnstile: Turnstile<StepLane<Job>>, isPaused: IsPaused) {
    this.#turnstile = turnstile
    this.#isPaused = isPaused
  }

  get size(): number {
    return this.#size
  }

  waitFor(limit: string): boolean {
    return this.#waiting.has(limit)
  }

  /** Puts a step in line. */
  push(job: Job, claim: StepClaim): WaitingStep<Job> {
    const step = new WaitingStep(job, claim, this.#place++)
    this.#enter(step, claim.isPlain ? this.#lane(COMMON) : this.#lane(claim.stops))
    return step
  }

  /** Takes the first out of a lane whose turn it is. */
  shift(lane: StepLane<Job>): WaitingStep<Job> | undefined {
    const { first } = lane
    if (first !== undefined) this.remove(first)
    return first
  }

  /** False if it waits no more. */
  remove(step: WaitingStep<Job>): boolean {
    const { at } = step
    if (at === undefined) return false
    const { lane, standing } = at
    step.at = undefined
    lane.line.remove(standing)
    this.#count(lane, -1)
    this.#turnstile.offer(lane)
    if (lane.line.size > 0) return true
    this.#lanes.delete(lane.id)
    this.#aside.delete(lane)
    return true
  }

  /** Has those step aside whose workflow is paused, if they are first, and those back whose is not any more. */
  part(now: number): void {
    for (const [lane, workflow] of this.#aside) {
      if (this.#isPaused(workflow, now)) continue
      for (let first = lane.first; first !== undefined; first = lane.first)
        this.#move(first, COMMON)
    }
    const common = this.#lanes.get(COMMON_ID)
    for (let first = common?.first; first !== undefined; first = common?.first) {
      const { stops, workflow } = first.claim
      if (!this.#isPaused(workflow, now)) return
      this.#aside.set(this.#move(first, stops), workflow)
    }
  }

  clear(): void {
    for (const lane of this.#lanes.values()) this.#turnstile.withdraw(lane)
    this.#lanes.clear()
    this.#aside.clear()
    this.#waiting.clear()
    this.#size = 0
  }

  #move(step: WaitingStep<Job>, stops: readonly string[]): StepLane<Job> {
    this.remove(step)
    return this.#enter(step, this.#lane(stops))
  }

  #enter(step: WaitingStep<Job>, lane: StepLane<Job>): StepLane<Job> {
    step.at = { lane, standing: lane.line.push(step) }
    this.#count(lane, 1)
    this.#turnstile.offer(lane)
    return lane
  }

  #lane(stops: readonly string[]): StepLane<Job> {
    const id = idOf(stops)
    const known = this.#lanes.get(id)
    if (known !== undefined) return known
    const lane = new StepLane<Job>(id, stops)
    this.#lanes.set(id, lane)
    return lane
  }

  #count({ limits }: StepLane<Job>, by: number): void {
    this.#size += by
    for (const name of limits) add(this.#waiting, name, by)
  }
}

const idOf = (stops: readonly string[]): string => stops.join('!')

const COMMON_ID = idOf(COMMON)
