import type { Rank } from '../../src/admission/lane.ts'

export interface NaiveLane {
  readonly id: string
  readonly limits: readonly string[]
  /** In order. */
  readonly line: Rank[]
  start: number
}

/** What a turnstile must do, said with scans over everything. */
export class Naive {
  readonly waiting = new Map<string, NaiveLane>()
  /** What each of those that are inside holds. */
  readonly inside: (readonly string[])[] = []
  readonly most = new Map<string, number>()
  readonly until = new Map<string, number>()
  readonly paces = new Map<string, { readonly gap: number; next: number }>()
  #turn = 0
  #last: string | undefined

  offer(lane: NaiveLane): void {
    if (this.waiting.has(lane.id)) return
    lane.start = this.#turn + (lane.id === this.#last ? 1 : 0.5)
    this.waiting.set(lane.id, lane)
  }

  /** 0: now. */
  roomAt(limit: string, now: number): number {
    const most = this.most.get(limit)
    if (most !== undefined) {
      const taken = this.inside.filter(held => held.includes(limit)).length
      return taken < most ? 0 : Number.POSITIVE_INFINITY
    }
    const at = this.paces.get(limit)?.next ?? this.until.get(limit) ?? 0
    return at <= now ? 0 : at
  }

  /** When all of them have room, if nobody leaves and nothing changes. */
  allAt(limits: readonly string[], now: number): number {
    return Math.max(now, ...limits.map(limit => this.roomAt(limit, now)))
  }

  take(limits: readonly string[], now: number): void {
    this.inside.push(limits)
    for (const limit of limits) {
      const pace = this.paces.get(limit)
      if (pace !== undefined) pace.next = Math.max(pace.next, now) + pace.gap
    }
  }

  best(now: number): NaiveLane | undefined {
    return [...this.waiting.values()]
      .filter(lane => this.allAt(lane.limits, now) === now)
      .sort((a, b) => a.start - b.start || compare(a.line[0]!, b.line[0]!))[0]
  }

  /** Takes the first out of its line and offers the lane again. */
  next(now: number): NaiveLane | undefined {
    const lane = this.best(now)
    if (lane === undefined) return undefined
    this.waiting.delete(lane.id)
    this.#turn = Math.max(this.#turn, Math.ceil(lane.start))
    this.#last = lane.id
    this.take(lane.limits, now)
    lane.line.shift()
    if (lane.line.length > 0) this.offer(lane)
    return lane
  }
}

export const compare = (a: Rank, b: Rank): number => a.rank - b.rank || a.place - b.place
