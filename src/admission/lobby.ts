import { type Crowd, Crowds } from './crowds.ts'
import { Holders } from './holders.ts'
import { Limits, type StepRoom } from './limits.ts'
import type { Marks } from './marks.ts'
import type { Passage } from './passage.ts'
import type { Rulebook } from './rulebook.ts'
import { RunLane, type Waiting } from './run-lane.ts'
import { type Blocked, Turnstile } from './turnstile.ts'

/** A run whose turn has come. */
export interface Admitted {
  readonly run: string
  readonly passage: Passage
}

/** Where runs wait for their turn to begin. */
export class Lobby {
  readonly holders = new Holders()
  readonly limits: Limits
  readonly #turnstile: Turnstile<RunLane>
  readonly #lanes = new Map<string, RunLane>()
  readonly #crowds = new Crowds()
  /** Lanes whose first is on disk only. */
  readonly #unread = new Set<RunLane>()
  /** Runs that may begin and have not yet. */
  readonly #going = new Map<string, Passage>()

  constructor(rules: Rulebook, marks: Marks, steps: StepRoom) {
    this.limits = new Limits(rules, marks, this.holders, steps)
    this.#turnstile = new Turnstile(name => this.limits.limit(name))
  }

  /** Whether a run that comes now may begin at once, overtaking nobody; then it does. */
  passes(run: string, passage: Passage, now: number): boolean {
    // A lane that waits may be on disk only: then the turnstile does not know of it.
    if (this.#lanes.size > 0 && this.#lanes.has(passage.lane)) return false
    if (!this.#turnstile.passes(this.limits.of(passage), now)) return false
    this.#admit(run, passage)
    return true
  }

  /** Takes a place of each limit out of `room`, what is left of them; false: one has none. */
  takesFrom(room: Map<string, number>, passage: Passage, now: number): boolean {
    const { workflow, lane, limits, holds } = passage
    if (this.#lanes.has(lane) || this.blockedBy(passage, now)) return false
    // As in `passes`: whoever waits and could go is not overtaken, though his turn is not written yet.
    if (this.hasNext(now)) return false
    const ids = [...limits, ...holds]
    const left = ids.map(id => room.get(id) ?? this.limits.room(workflow, id, now))
    if (left.some(count => count < 1)) return false
    for (const [at, id] of ids.entries()) room.set(id, (left[at] ?? 0) - 1)
    return true
  }

  /** What holds up those of a lane, if anything does. */
  blockedBy(passage: Passage, now: number): Blocked | undefined {
    return this.#turnstile.blockedBy(this.limits.namesOf(passage), now)
  }

  /**
   * It waits from now on: nobody who comes later overtakes it. `isReplaceable`: one may take its
   * place.
   */
  wait(run: string, passage: Passage, bytes: number, isReplaceable: boolean): void {
    this.#lane(passage).coming++
    const crowd = { runs: 1, bytes }
    this.#crowds.count(passage.workflow, crowd)
    if (isReplaceable) this.#crowds.stand(run, crowd)
  }

  /** How much less waits if another takes the place of a run. */
  standing = (run: string): Crowd => this.#crowds.standing(run)

  /** Another takes the place of a run, which is about to be cancelled. */
  replace = (workflow: string, run: string): void => this.#crowds.replace(workflow, run)

  /** That is on disk. */
  seat(lane: string, waiting: Waiting): void {
    const known = this.#lanes.get(lane)
    if (known === undefined) return
    known.coming--
    known.window.insert(waiting)
    this.#offer(known)
  }

  /** So many are in a lane, as the journal has it, and wait for their turn as far as `crowd` says. */
  recall(passage: Passage, inLane: number, crowd: Crowd): void {
    const lane = this.#lane(passage, inLane)
    this.#crowds.count(passage.workflow, crowd)
    this.#offer(lane)
  }

  /** One of these whose place another may take, or has taken: then it counts for nothing. */
  recallReplaceable = (run: string, crowd: Crowd): void => this.#crowds.stand(run, crowd)

  /** A run that was let in and has not begun. */
  recallGoing(run: string, passage: Passage): void {
    // What it took of a throttle was written when it was let in.
    this.limits.begin(passage)
    this.#admit(run, passage)
  }

  hasNext(now: number): boolean {
    return this.#turnstile.hasNext(now)
  }

  /** The next whose turn it is. */
  next(now: number): Admitted | undefined {
    const lane = this.#turnstile.next(now)
    const first = lane?.window.shift()
    if (lane === undefined || first === undefined) return undefined
    const { passage } = lane
    this.#crowds.go(passage.workflow, first.key, first.bytes)
    this.#admit(first.key, passage)
    this.#offer(lane)
    return { run: first.key, passage }
  }

  /** It waits no more, though its turn has not come. */
  withdraw(lane: string, waiting: Waiting): void {
    const known = this.#lanes.get(lane)
    if (known === undefined || this.#going.has(waiting.key)) return
    known.window.remove(waiting.key)
    this.#crowds.go(known.passage.workflow, waiting.key, waiting.bytes)
    this.#offer(known)
  }

  /** It has begun: what only its beginning had to pass is free again. */
  begun(run: string): void {
    const passage = this.#going.get(run)
    if (passage === undefined) return
    this.#going.delete(run)
    for (const id of passage.limits) {
      this.limits.passed(passage.workflow, id)
      // Others may share it.
      this.freed(id)
    }
  }

  /**
   * It was let in and is held up before it has begun: what only its beginning has to pass is for others
   * meanwhile.
   */
  stepAside(run: string): void {
    const passage = this.#going.get(run)
    if (passage === undefined) return
    this.begun(run)
    const { workflow, lane, holds } = passage
    this.#going.set(run, { workflow, lane, limits: [], holds })
  }

  /** It has ended. */
  ended(run: string): void {
    this.begun(run)
    const holds = this.holders.release(run)
    for (const id of holds) this.freed(id)
  }

  /** There is room under a limit again. */
  freed(id: string): void {
    if (this.#turnstile.size === 0) return
    for (const name of this.limits.namesFor(id)) this.#turnstile.wake(name)
  }

  /** A pause of everything, or of a workflow, is over. */
  resumed = (what: string): void => this.#turnstile.wake(`!${what}`)

  isGoing = (run: string): boolean => this.#going.has(run)
  /** The runs that may begin and have not yet. */
  get going(): Iterable<string> {
    return this.#going.keys()
  }

  /** The lanes whose first has to be read from disk. */
  get unread(): Iterable<RunLane> {
    return this.#unread
  }

  /** More of a lane, as it was read from disk. */
  fill(lane: RunLane, rows: readonly Waiting[], isAll: boolean): void {
    lane.window.fill(rows, isAll)
    this.#offer(lane)
  }

  /** How much waits of a workflow, or of all. */
  crowd(workflow?: string): Crowd {
    return workflow === undefined ? this.#crowds.all : this.#crowds.of(workflow)
  }

  /** When somebody may go whom only time holds up, on the elapsed clock. */
  get wakeAt(): number | undefined {
    return this.#turnstile.wakeAt
  }

  #admit(run: string, passage: Passage): void {
    this.holders.hold(run, passage.holds)
    this.#going.set(run, passage)
  }

  #lane(passage: Passage, onDisk = 0): RunLane {
    const known = this.#lanes.get(passage.lane)
    if (known !== undefined) return known
    const lane = new RunLane(passage, this.limits.namesOf(passage), onDisk)
    this.#lanes.set(passage.lane, lane)
    return lane
  }

  #offer(lane: RunLane): void {
    this.#unread.delete(lane)
    if (lane.window.count === 0) {
      this.#turnstile.withdraw(lane)
      if (lane.coming === 0) this.#lanes.delete(lane.id)
    } else if (lane.window.needsReading) {
      this.#turnstile.withdraw(lane)
      this.#unread.add(lane)
    } else this.#turnstile.offer(lane)
  }
}
