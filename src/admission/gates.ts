import { Heap, type Heaped, OUT } from './heap.ts'
import { isBefore, type Lane } from './lane.ts'

/** A lane that waits, with its turn and a copy of its first's rank: what the heaps go by. */
export class Waiter<L extends Lane> implements Heaped {
  at = OUT
  readonly best: this = this
  readonly lane: L
  readonly start: number
  rank = 0
  run: string | undefined
  place = 0
  gate: Gate<L> | undefined

  constructor(lane: L, start: number) {
    this.lane = lane
    this.start = start
  }
}

/** Those that wait for one limit, behind the gates of other limits (`outer`). */
export class Gate<L extends Lane> implements Heaped {
  at = OUT
  /** Of those behind it that no gate further in holds up. */
  best: Waiter<L> | undefined
  isShut = false
  /** Lanes that need no further limit, and the gates further in that are not shut. */
  readonly heap = new Heap<Gate<L> | Waiter<L>>(goesBefore)
  /** Made for the first: most gates have none. */
  inner: Map<string, Gate<L>> | undefined
  readonly demand: Demand<L>
  readonly outer: Gate<L> | undefined

  constructor(demand: Demand<L>, outer: Gate<L> | undefined) {
    this.demand = demand
    this.outer = outer
  }
}

/** Who wants a limit. */
export class Demand<L extends Lane> implements Heaped {
  at = OUT
  readonly limit: string
  /** Lanes that wait and name it. */
  lanes = 0
  /** The gates of this limit that were found without room. */
  readonly shut = new Set<Gate<L>>()
  until = Number.POSITIVE_INFINITY

  constructor(limit: string) {
    this.limit = limit
  }
}

/**
 * The lanes that wait, sorted by the limits they need: a tree of gates. Under the root stand the
 * gates of limits, behind each of them lanes and gates of further limits, so that a lane is behind
 * one gate for each of its limits. A gate is among those of the gate around it by the best lane
 * behind it, and while it is shut it is not. So the best lane of the root is the best of all that
 * no shut gate holds up, and a limit that comes to have room opens its gates without a look at the
 * lanes behind them. No lane ever moves from one gate to another while it waits.
 *
 * A limit has a gate for each combination of limits outside it. The limits wanted by the most lanes
 * are outermost, so these are few: one for each workflow when ten thousand keys share it.
 */
export class Gates<L extends Lane> {
  readonly #demands = new Map<string, Demand<L>>()
  readonly #root: Gate<L> = new Gate(new Demand(''), undefined)
  readonly #timed = new Heap<Demand<L>>((a, b) => a.until < b.until)

  /** The first of all lanes that no shut gate holds up. */
  get best(): Waiter<L> | undefined {
    return this.#root.heap.first?.best
  }

  /** When the first shut gate may be opened because time has passed. */
  get opensAt(): number | undefined {
    return this.#timed.first?.until
  }

  add(waiter: Waiter<L>): void {
    const demands = waiter.lane.limits.map(limit => this.#demand(limit))
    if (demands.length > 1) demands.sort((a, b) => b.lanes - a.lanes)
    let gate = this.#root
    for (const demand of demands) {
      demand.lanes++
      gate.inner ??= new Map()
      let inner = gate.inner.get(demand.limit)
      if (inner === undefined) {
        inner = new Gate(demand, gate)
        gate.inner.set(demand.limit, inner)
      }
      gate = inner
    }
    waiter.gate = gate
    this.moved(waiter)
  }

  /** Its rank has changed. */
  moved(waiter: Waiter<L>): void {
    const { gate } = waiter
    gate!.heap.put(waiter)
    this.#settle(gate!)
  }

  remove(waiter: Waiter<L>): void {
    const { gate } = waiter
    gate!.heap.remove(waiter)
    this.#settle(gate!)
    for (const limit of waiter.lane.limits) {
      const demand = this.#demands.get(limit)!
      if (--demand.lanes === 0) this.#demands.delete(limit)
    }
  }

  /** Its limit has no room before a time. */
  shut(gate: Gate<L>, until: number): void {
    const { demand } = gate
    gate.isShut = true
    demand.shut.add(gate)
    demand.until = until
    if (until === Number.POSITIVE_INFINITY) this.#timed.remove(demand)
    else this.#timed.put(demand)
    this.#settle(gate)
  }

  /** This limit may have room. */
  open(limit: string): void {
    const demand = this.#demands.get(limit)
    if (demand !== undefined) this.#open(demand)
  }

  /** The limits that may have room because it is this late. */
  openUntil(now: number): void {
    for (let first = this.#timed.first; first !== undefined; first = this.#timed.first) {
      if (first.until > now) return
      this.#open(first)
    }
  }

  #open(demand: Demand<L>): void {
    this.#timed.remove(demand)
    for (const gate of demand.shut) {
      gate.isShut = false
      this.#settle(gate)
    }
    demand.shut.clear()
  }

  #demand(limit: string): Demand<L> {
    let demand = this.#demands.get(limit)
    if (demand === undefined) {
      demand = new Demand(limit)
      this.#demands.set(limit, demand)
    }
    return demand
  }

  // Outwards from a gate whose best or whose state has changed: none keeps an outdated best.
  #settle(from: Gate<L>): void {
    for (let gate = from; gate.outer !== undefined; gate = gate.outer) {
      const { outer } = gate
      gate.best = gate.heap.first?.best
      if (gate.best !== undefined && !gate.isShut) outer.heap.put(gate)
      else outer.heap.remove(gate)
      if (gate.heap.size === 0 && !gate.inner?.size) this.#forget(gate)
    }
  }

  #forget(gate: Gate<L>): void {
    const { demand, outer } = gate
    outer!.inner!.delete(demand.limit)
    demand.shut.delete(gate)
    if (demand.shut.size === 0) this.#timed.remove(demand)
  }
}

function goesBefore<L extends Lane>(a: Gate<L> | Waiter<L>, b: Gate<L> | Waiter<L>): boolean {
  const mine = a.best!
  const other = b.best!
  return mine.start === other.start ? isBefore(mine, other) : mine.start < other.start
}
