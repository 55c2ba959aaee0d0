import { type Gate, Gates, Waiter } from './gates.ts'
import type { Lane } from './lane.ts'
import { isRoom, type Limit } from './limit.ts'

/** A limit without room, and when it will have some: Infinity when time does not bring it. */
export interface Blocked {
  readonly limit: string
  readonly until: number
}

/**
 * Whose turn it is when many lines wait for limits that they share.
 *
 * Within a lane the first goes first. Lanes take turns: each has a start, and of those whose limits
 * all have room the one with the least (start, rank, place) goes. Starts are start-time fair
 * queueing with every admission of the same cost. The turn is the greatest start at which any lane
 * went, rounded up; a lane that went and has more starts one turn later, a lane that comes to wait
 * half a turn later, so before those that have just gone.
 *
 * A lane that does not wait is forgotten, with its start, and gains nothing by it: who went at a
 * start after k, up to k+1, raised the turn to at least k+1, and starts after k+1 whether it stayed
 * or left and came back. So a lane goes at most once a turn, whatever it does. A lane that waits
 * starts at most one turn from now and goes, if it has room, before any start that is later; one
 * that was held up keeps its start, and goes before the others when it has room, once.
 *
 * A lane that needs two limits goes when both have room at once: nothing is set aside for it.
 *
 * An admission costs O(l log n) for n lanes that wait and l limits of a lane. So does everything that
 * wakes lanes, for each gate (`Gates`) of the limit that comes to have room.
 */
export class Turnstile<L extends Lane> {
  readonly #limit: (id: string) => Limit | undefined
  readonly #gates = new Gates<L>()
  readonly #waiters = new Map<string, Waiter<L>>()
  #turn = 0
  /** Who went last: when it is offered again it is not new. */
  #last: string | undefined

  /** Looks limits up by their ids, always anew; one that is not there has room. */
  constructor(limit: (id: string) => Limit | undefined) {
    this.#limit = limit
  }

  /** How many lanes wait. */
  get size(): number {
    return this.#waiters.size
  }

  /** Whether the lane waits. */
  has(id: string): boolean {
    return this.#waiters.has(id)
  }

  /**
   * When a lane may be able to go because time has passed; Infinity is never the answer. Exact after
   * `next` has returned undefined; a limit whose time was brought forward needs `wake`.
   */
  get wakeAt(): number | undefined {
    return this.#gates.opensAt
  }

  /** The first of the limits that has no room. */
  blockedBy(limits: readonly string[], now: number): Blocked | undefined {
    for (const limit of limits) {
      const until = this.#roomAt(limit, now)
      if (!isRoom(until, now)) return { limit, until }
    }
    return undefined
  }

  /**
   * Whether a newcomer whose own lane does not wait may go without waiting: its limits have room, and
   * no other lane that waits could go now; then it takes them. Lanes that a limit holds up which the
   * newcomer does not need do not hold it up.
   */
  passes(limits: readonly Limit[], now: number): boolean {
    for (const limit of limits) if (!isRoom(limit.roomAt(now), now)) return false
    if (this.#best(now) !== undefined) return false
    for (const limit of limits) limit.take(now)
    return true
  }

  /** Whether `next` would find somebody. */
  hasNext(now: number): boolean {
    return this.#best(now) !== undefined
  }

  /** A limit may have room: somebody has left, a pause was ended, more are allowed. */
  wake(limit: string): void {
    this.#gates.open(limit)
  }

  /** The lane's line is no longer empty, or its first has changed. Empty: as `withdraw`. */
  offer(lane: L): void {
    const { id, first } = lane
    if (first === undefined) return this.withdraw(lane)
    const known = this.#waiters.get(id)
    if (known?.rank === first.rank && known.place === first.place) return
    const waiter = known ?? new Waiter(lane, this.#turn + (id === this.#last ? 1 : 0.5))
    waiter.rank = first.rank
    waiter.run = first.run
    waiter.place = first.place
    if (known !== undefined) return this.#gates.moved(waiter)
    this.#waiters.set(id, waiter)
    this.#gates.add(waiter)
  }

  /** Nothing of the lane waits any more. */
  withdraw({ id }: Pick<Lane, 'id'>): void {
    const waiter = this.#waiters.get(id)
    if (waiter !== undefined) this.#remove(waiter)
  }

  /**
   * The lane whose first goes now; its limits are taken. The lane no longer waits: the owner takes
   * the first out of its line, and offers the lane again if there is more.
   */
  next(now: number): L | undefined {
    const waiter = this.#best(now)
    if (waiter === undefined) return undefined
    const { lane, start } = waiter
    this.#remove(waiter)
    this.#turn = Math.max(this.#turn, Math.ceil(start))
    this.#last = lane.id
    for (const limit of lane.limits) this.#limit(limit)?.take(now)
    return lane
  }

  // Every round shuts a gate that something must open again, so this ends, and costs no more
  // than what was opened since the last time.
  #best(now: number): Waiter<L> | undefined {
    this.#gates.openUntil(now)
    for (;;) {
      const best = this.#gates.best
      if (best === undefined || !this.#shutsOne(best, now)) return best
    }
  }

  // The outermost gate without room holds up the most.
  #shutsOne(waiter: Waiter<L>, now: number): boolean {
    let outermost: Gate<L> | undefined
    let opensAt = 0
    for (let gate = waiter.gate!; gate.outer !== undefined; gate = gate.outer) {
      const until = this.#roomAt(gate.demand.limit, now)
      if (isRoom(until, now)) continue
      outermost = gate
      opensAt = until
    }
    if (outermost === undefined) return false
    this.#gates.shut(outermost, opensAt)
    return true
  }

  #remove(waiter: Waiter<L>): void {
    this.#waiters.delete(waiter.lane.id)
    this.#gates.remove(waiter)
  }

  #roomAt(limit: string, now: number): number {
    return this.#limit(limit)?.roomAt(now) ?? 0
  }
}
