import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Lane, Rank } from '../../src/admission/lane.ts'
import { type Limit, SlotLimit } from '../../src/admission/limit.ts'
import { Turnstile } from '../../src/admission/turnstile.ts'
import { leave, limitsOf, PacedLimit, PauseLimit } from './limits.ts'
import { compare, Naive, type NaiveLane } from './naive.ts'

const SLOTS = ['s0', 's1', 's2']
const PACES = ['t0', 't1']
const PAUSES = ['p0', 'p1']
const LIMITS = [...SLOTS, ...PACES, ...PAUSES]
const LANES = 7
const EVER = Number.POSITIVE_INFINITY

interface World {
  readonly most: readonly number[]
  readonly gaps: readonly number[]
  /** Of each lane. */
  readonly limits: readonly (readonly string[])[]
}

type Move =
  | { readonly kind: 'arrive'; readonly lane: number; readonly rank: number }
  | { readonly kind: 'walkIn'; readonly lane: number; readonly limits: readonly string[] }
  | { readonly kind: 'admit'; readonly most: number }
  | { readonly kind: 'leave'; readonly which: number }
  | { readonly kind: 'giveUp'; readonly lane: number; readonly which: number }
  | { readonly kind: 'pass'; readonly by: number }
  | { readonly kind: 'wake' }
  | { readonly kind: 'pause'; readonly which: number; readonly by: number }
  | { readonly kind: 'most'; readonly which: number; readonly most: number }

const someLimits = fc
  .subarray(LIMITS, { maxLength: 3 })
  .chain(some => fc.shuffledSubarray(some, { minLength: some.length }))

const world: fc.Arbitrary<World> = fc.record({
  most: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
  gaps: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 2 }),
  limits: fc.array(someLimits, { minLength: LANES, maxLength: LANES }),
})

const lane = fc.nat(LANES - 1)
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('arrive'), lane, rank: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('walkIn'), lane, limits: someLimits }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('admit'), most: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('leave'), which: fc.nat(99) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('giveUp'), lane, which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass'), by: fc.integer({ min: -3, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wake') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pause'),
      which: fc.nat(1),
      by: fc.oneof(fc.nat(12), fc.constant(EVER)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('most'), which: fc.nat(2), most: fc.nat(4) }),
  },
)

/** A lane as its owner sees it: `first` is kept up to date by asking the line. */
class Queue implements Lane {
  readonly id: string
  readonly limits: readonly string[]
  readonly line: Rank[] = []

  constructor(id: string, limits: readonly string[]) {
    this.id = id
    this.limits = limits
  }

  get first(): Rank | undefined {
    return this.line[0]
  }
}

/** Plays moves against turnstile and model at once and compares all that can be seen. */
class Game {
  readonly #naive = new Naive()
  readonly #turnstile: Turnstile<Queue>
  readonly #limits = new Map<string, Limit>()
  readonly #queues: readonly Queue[]
  readonly #twins: readonly NaiveLane[]
  #now = 100
  #place = 0

  constructor({ most, gaps, limits }: World) {
    SLOTS.forEach((id, at) => {
      this.#limits.set(id, new SlotLimit(most[at]!))
      this.#naive.most.set(id, most[at]!)
    })
    PACES.forEach((id, at) => {
      this.#limits.set(id, paced(gaps[at]!))
      this.#naive.paces.set(id, { gap: gaps[at]!, next: 0 })
    })
    // The other pause is there only while it is one.
    this.#limits.set('p0', new PauseLimit())
    this.#turnstile = new Turnstile(id => this.#limits.get(id))
    this.#queues = limits.map((ids, at) => new Queue(`lane ${at}`, ids))
    this.#twins = limits.map((ids, at) => ({ id: `lane ${at}`, limits: ids, line: [], start: 0 }))
  }

  play(move: Move): void {
    switch (move.kind) {
      case 'arrive':
        this.#arrive(move.lane, { rank: this.#now - move.rank, place: this.#place++ })
        break
      case 'walkIn':
        this.#walkIn(move.lane, move.limits)
        break
      case 'admit':
        for (let count = 0; count <= move.most && this.#admit(); count++);
        break
      case 'leave':
        this.#leave(move.which)
        break
      case 'giveUp':
        this.#giveUp(move.lane, move.which)
        break
      case 'pass':
        this.#now += move.by
        break
      case 'wake':
        this.#settle()
        this.#now = Math.max(this.#now, this.#turnstile.wakeAt ?? 0)
        break
      case 'pause':
        this.#pause(PAUSES[move.which]!, move.by === 0 ? 0 : this.#now + move.by)
        break
      case 'most':
        this.#setMost(SLOTS[move.which]!, move.most)
        break
    }
    this.#compare()
  }

  /** All that can go has gone, and what time alone would let go is waited for. */
  #settle(): void {
    while (this.#admit());
    const waiting = [...this.#naive.waiting.values()]
    const soonest = Math.min(EVER, ...waiting.map(one => this.#naive.allAt(one.limits, this.#now)))
    const { wakeAt } = this.#turnstile
    expect(soonest).toBeGreaterThan(this.#now)
    if (soonest !== EVER) expect(wakeAt).toBeLessThanOrEqual(soonest)
    if (wakeAt === undefined) return
    // It may be too early, when a pause was made longer; not for what nobody waits for.
    expect(wakeAt).toBeGreaterThan(this.#now)
    expect(wakeAt).toBeLessThan(EVER)
    expect(waiting.some(one => one.limits.some(id => !SLOTS.includes(id)))).toBe(true)
  }

  #admit(): boolean {
    const twin = this.#naive.next(this.#now)
    const queue = this.#turnstile.next(this.#now)
    expect(queue?.id).toBe(twin?.id)
    if (queue === undefined) return false
    queue.line.shift()
    if (queue.first !== undefined) this.#turnstile.offer(queue)
    expect(queue.line).toEqual(twin!.line)
    return true
  }

  #arrive(at: number, rank: Rank): void {
    const queue = this.#queues[at]!
    const twin = this.#twins[at]!
    for (const { line } of [queue, twin]) line.push(rank)
    for (const { line } of [queue, twin]) line.sort(compare)
    this.#naive.offer(twin)
    this.#turnstile.offer(queue)
    this.#turnstile.offer(queue)
  }

  #walkIn(at: number, others: readonly string[]): void {
    for (const lane of [this.#queues[at]!, { id: 'another', limits: others }]) {
      const { id, limits } = lane
      const may =
        !this.#naive.waiting.has(id) &&
        this.#naive.allAt(limits, this.#now) === this.#now &&
        this.#naive.best(this.#now) === undefined
      const isNew = !this.#turnstile.has(id)
      const blocking = limits.find(limit => this.#naive.roomAt(limit, this.#now) > 0)
      const until = blocking === undefined ? 0 : this.#naive.roomAt(blocking, this.#now)
      const blocked = blocking === undefined ? undefined : { limit: blocking, until }
      expect(this.#turnstile.blockedBy(limits, this.#now)).toEqual(blocked)
      expect(isNew && this.#turnstile.passes(limitsOf(limits, this.#limits), this.#now)).toBe(may)
      if (!may) continue
      this.#naive.take(limits, this.#now)
    }
  }

  #leave(which: number): void {
    const { inside } = this.#naive
    if (inside.length === 0) return
    leave(this.#turnstile, this.#limits, inside.splice(which % inside.length, 1)[0]!)
  }

  #giveUp(at: number, which: number): void {
    const queue = this.#queues[at]!
    if (queue.line.length === 0) return
    for (const { line } of [queue, this.#twins[at]!]) line.splice(which % line.length, 1)
    if (queue.line.length > 0) return this.#turnstile.offer(queue)
    this.#naive.waiting.delete(queue.id)
    this.#turnstile.withdraw(queue)
  }

  #pause(id: string, until: number): void {
    const isSooner = until < (this.#naive.until.get(id) ?? 0)
    this.#naive.until.set(id, until)
    if (id === 'p0') Object.assign(this.#limits.get(id)!, { until })
    else if (until === 0) this.#limits.delete(id)
    else this.#limits.set(id, new PauseLimit(until))
    if (isSooner) this.#turnstile.wake(id)
  }

  #setMost(id: string, most: number): void {
    const isMore = most > this.#naive.most.get(id)!
    this.#naive.most.set(id, most)
    Object.assign(this.#limits.get(id)!, { most })
    if (isMore) this.#turnstile.wake(id)
  }

  #compare(): void {
    expect(this.#turnstile.size).toBe(this.#naive.waiting.size)
    for (const id of SLOTS) {
      const { taken } = this.#limits.get(id) as SlotLimit
      expect(taken).toBe(this.#naive.inside.filter(held => held.includes(id)).length)
    }
  }
}

function paced(gap: number): PacedLimit {
  let next = 0
  return new PacedLimit({
    nextAt: () => next,
    take: now => {
      next = Math.max(next, now) + gap
    },
  })
}

describe('a turnstile is a scan over all lanes', () => {
  test('for any limits, arrivals, leavings, times and pauses', () => {
    fc.assert(
      fc.property(world, fc.array(move, { maxLength: 80, size: 'max' }), (world, moves) => {
        const game = new Game(world)
        for (const move of moves) game.play(move)
        game.play({ kind: 'wake' })
      }),
      { numRuns: 500 },
    )
  })

  test('and stays one over a long life', () => {
    fc.assert(
      fc.property(world, fc.array(move, { minLength: 2_000, maxLength: 2_000 }), (world, moves) => {
        const game = new Game(world)
        for (const move of moves) game.play(move)
      }),
      // Too long to shrink: the property above finds shorter ones.
      { numRuns: 10, endOnFailure: true },
    )
  })
})

/** Lanes that share one slot, whose lines never end unless they are told to. */
class Contest {
  readonly turnstile: Turnstile<Queue>
  readonly #limits = new Map([['slot', new SlotLimit(1)]])
  #place = 0

  constructor() {
    this.turnstile = new Turnstile(id => this.#limits.get(id))
  }

  join(id: string, rank: number): Queue {
    const queue = new Queue(id, ['slot'])
    queue.line.push({ rank, place: this.#place++ })
    this.turnstile.offer(queue)
    return queue
  }

  /** Who goes, and has gone again at once. */
  goes(): Queue {
    const queue = this.turnstile.next(0)!
    leave(this.turnstile, this.#limits, queue.limits)
    return queue
  }
}

const rank = fc.nat(5)

describe('taking turns', () => {
  test('who comes to wait goes before any other goes twice', () => {
    const picks = fc.array(fc.record({ joins: fc.boolean(), rank }), { maxLength: 60 })
    fc.assert(
      fc.property(fc.array(rank, { minLength: 1, maxLength: 6 }), picks, (ranks, picks) => {
        const contest = new Contest()
        // Of those that have joined and not gone: how often each other has gone since.
        const owed = new Map<string, Map<string, number>>()
        const join = (id: string, rank: number): void => {
          contest.join(id, rank)
          owed.set(id, new Map())
        }
        for (const [at, rank] of ranks.entries()) join(`first ${at}`, rank)
        for (const [at, { joins, rank }] of picks.entries()) {
          if (joins) join(`later ${at}`, rank)
          const { id, limits, line } = contest.goes()
          owed.delete(id)
          for (const gone of owed.values()) {
            expect(gone.get(id) ?? 0).toBe(0)
            gone.set(id, 1)
          }
          line[0] = { rank, place: line[0]!.place }
          contest.turnstile.offer(Object.assign(new Queue(id, limits), { line }))
        }
      }),
      { numRuns: 500 },
    )
  })

  test('whatever a lane does, it goes at most once more in a turn than one that always waits', () => {
    const picks = fc.array(fc.record({ stays: fc.boolean(), returns: fc.boolean(), rank }), {
      minLength: 20,
      maxLength: 200,
    })
    fc.assert(
      fc.property(picks, fc.boolean(), (picks, isOlder) => {
        const contest = new Contest()
        const steady = contest.join('steady', 3)
        const sly = contest.join('sly', isOlder ? 0 : 5)
        const went = { steady: 0, sly: 0 }
        let away = false
        for (const { stays, returns, rank } of picks) {
          if (away) contest.turnstile.offer(sly)
          away = false
          const { id } = contest.goes()
          if (id === 'steady') {
            went.steady++
            contest.turnstile.offer(steady)
            if (returns) {
              contest.turnstile.withdraw(sly)
              contest.turnstile.offer(sly)
            }
          } else {
            went.sly++
            sly.line[0] = { rank, place: 0 }
            if (stays) contest.turnstile.offer(sly)
            else away = true
          }
          expect(went.sly - went.steady).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a lane that was held up goes first when it has room, once', () => {
    const pause = new PauseLimit(EVER)
    const turnstile = new Turnstile<Queue>(id => (id === 'pause' ? pause : undefined))
    const held = new Queue('held', ['pause'])
    const free = new Queue('free', [])
    held.line.push({ rank: 9, place: 0 })
    free.line.push({ rank: 0, place: 1 })
    turnstile.offer(held)
    turnstile.offer(free)
    const next = (): string | undefined => {
      const lane = turnstile.next(0)
      if (lane !== undefined) turnstile.offer(lane)
      return lane?.id
    }
    expect(Array.from({ length: 9 }, next)).toEqual(Array(9).fill('free'))
    pause.until = 0
    turnstile.wake('pause')
    expect(Array.from({ length: 6 }, next)).toEqual([
      'held',
      'free',
      'held',
      'free',
      'held',
      'free',
    ])
  })
})

describe('a lane that is held up twice', () => {
  test('is woken also when the lane that found the other limit without room is gone', () => {
    const slots = ['x', 'y', 'z'].map((id): [string, SlotLimit] => [id, new SlotLimit(1)])
    const limits = new Map(slots)
    const turnstile = new Turnstile<Queue>(id => limits.get(id))
    const take = (id: string): void => limits.get(id)!.take()
    const offered = (place: number, ids: readonly string[]): Queue => {
      const queue = new Queue(ids.join(), ids)
      queue.line.push({ rank: 0, place })
      turnstile.offer(queue)
      return queue
    }
    take('y')
    offered(0, ['x', 'y'])
    offered(1, [])
    const gone = offered(2, ['x', 'z'])
    expect(turnstile.next(0)?.id).toBe('')
    take('x')
    expect(turnstile.next(0)).toBeUndefined()
    turnstile.withdraw(gone)
    leave(turnstile, limits, ['y'])
    expect(turnstile.next(0)).toBeUndefined()
    leave(turnstile, limits, ['x'])
    expect(turnstile.next(0)?.id).toBe('x,y')
  })
})

describe('with ten thousand lanes behind the same limits', () => {
  const MANY = 10_000

  /** Lanes that need both shared limits and one of their own; counts how often a limit is looked at. */
  function crowd(order: (own: string) => string[]) {
    const limits = new Map<string, SlotLimit>([
      ['x', new SlotLimit(1)],
      ['y', new SlotLimit(1)],
    ])
    const looks = { count: 0 }
    const turnstile = new Turnstile<Queue>(id => {
      looks.count++
      return limits.get(id)
    })
    for (let at = 0; at < MANY; at++) {
      limits.set(`own ${at}`, new SlotLimit(1))
      const queue = new Queue(`lane ${at}`, order(`own ${at}`))
      queue.line.push({ rank: at, place: at })
      turnstile.offer(queue)
    }
    return { turnstile, looks, limits }
  }

  test.each([
    ['general ones first', (own: string) => ['x', 'y', own]],
    ['its own first', (own: string) => [own, 'y', 'x']],
  ])('two limits that have room in turns cost nothing that grows (%s)', (_, order) => {
    const { turnstile, looks, limits } = crowd(order)
    const take = (id: string): void => limits.get(id)!.take()
    take('x')
    take('y')
    expect(turnstile.next(0)).toBeUndefined()
    looks.count = 0
    for (let round = 0; round < 100; round++) {
      leave(turnstile, limits, ['x'])
      expect(turnstile.next(0)).toBeUndefined()
      take('x')
      leave(turnstile, limits, ['y'])
      expect(turnstile.next(0)).toBeUndefined()
      take('y')
    }
    expect(looks.count / 200).toBeLessThan(20)
  })

  test('an admission looks at a few limits', () => {
    const { turnstile, looks, limits } = crowd(own => [own, 'x', 'y'])
    looks.count = 0
    for (let at = 0; at < MANY; at++) {
      const queue = turnstile.next(0)!
      expect(queue.id).toBe(`lane ${at}`)
      expect(turnstile.next(0)).toBeUndefined()
      leave(turnstile, limits, queue.limits)
    }
    expect(looks.count / MANY).toBeLessThan(20)
    expect(turnstile.size).toBe(0)
  })
})
