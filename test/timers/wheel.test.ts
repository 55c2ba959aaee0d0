import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Timer } from '../../src/timers/timer.ts'
import { Wheel } from '../../src/timers/wheel.ts'

const NOW = Date.UTC(2026, 0, 1)
const DAY = 24 * 3_600_000
const YEAR = 365 * DAY

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

const items = <T>(timers: readonly Timer<T>[]): T[] => timers.map(timer => timer.item)

/** What the wheel must do, said with one sorted array. */
class Model {
  now: number
  waiting: Timer<number>[] = []

  constructor(now: number) {
    this.now = now
  }

  insert(timer: Timer<number>): void {
    const after = this.waiting.findIndex(other => other.due > timer.due)
    this.waiting.splice(after < 0 ? this.waiting.length : after, 0, timer)
  }

  remove(timer: Timer<number>): boolean {
    const at = this.waiting.indexOf(timer)
    if (at >= 0) this.waiting.splice(at, 1)
    return at >= 0
  }

  advance(now: number): Timer<number>[] {
    if (now < this.now) return []
    this.now = now
    const later = this.waiting.findIndex(timer => timer.due > now)
    return this.waiting.splice(0, later < 0 ? this.waiting.length : later)
  }
}

type Move =
  | { readonly kind: 'insert'; readonly after: number }
  | { readonly kind: 'burst'; readonly after: number; readonly count: number }
  | { readonly kind: 'reinsert'; readonly which: number }
  | { readonly kind: 'remove'; readonly which: number }
  | { readonly kind: 'advance'; readonly by: number }
  | { readonly kind: 'wake' }

// Boundaries of slots and levels are powers of two; the tenths and quarters share milliseconds.
const span = fc.oneof(
  fc.integer({ min: -40, max: 100 }),
  fc.integer({ min: -40, max: 400 }).map(tenths => tenths / 10),
  fc.integer({ min: 0, max: 12 }).map(quarters => quarters / 4),
  fc.tuple(fc.nat(45), fc.integer({ min: -2, max: 2 })).map(([bits, off]) => 2 ** bits + off),
  fc.integer({ min: 0, max: 1000 * YEAR }),
  fc.double({ min: 0, max: 50 * YEAR, noNaN: true }),
  fc.integer({ min: -1000 * YEAR, max: -1 }),
)

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('insert'), after: span }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('burst'),
      after: span,
      count: fc.integer({ min: 50, max: 150 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reinsert'), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove'), which: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance'), by: fc.oneof(fc.constant(0), span) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wake') }) },
)

/** Plays moves against wheel and model at once and compares all that can be seen. */
class Game {
  readonly wheel: Wheel<number>
  readonly model: Model
  readonly #made: Timer<number>[] = []

  constructor(now: number) {
    this.wheel = new Wheel(now)
    this.model = new Model(now)
  }

  play(move: Move): void {
    const { wheel, model } = this
    const made = this.#made
    switch (move.kind) {
      case 'insert':
        this.#insert(model.now + move.after)
        break
      case 'burst':
        // Scattered, with repeats, over a stretch that grows with the distance.
        for (let i = 0; i < move.count; i++) {
          const scatter = (i * 37) % 101
          this.#insert(model.now + move.after + (scatter * Math.abs(move.after)) / 128)
        }
        break
      case 'reinsert':
        if (made.length > 0) this.#insert(made[move.which % made.length]!.due)
        break
      case 'remove':
        if (made.length > 0) {
          const timer = made[move.which % made.length]!
          expect(wheel.remove(timer)).toBe(model.remove(timer))
        }
        break
      case 'advance':
        this.#advance(model.now + move.by)
        break
      case 'wake':
        this.#wake()
        break
    }
    this.#compare()
  }

  #insert(due: number): void {
    const timer = this.wheel.insert(due, this.#made.length)
    expect([timer.due, timer.item]).toEqual([due, this.#made.length])
    this.#made.push(timer)
    this.model.insert(timer)
  }

  #advance(now: number): void {
    expect(items(this.wheel.advance(now))).toEqual(items(this.model.advance(now)))
  }

  // As the alarm does it: it rings at the expiry, or at once if that has passed.
  #wake(): void {
    const earliest = this.model.waiting[0]
    if (earliest === undefined) return
    for (let round = 0; round < 2; round++) {
      const at = Math.max(this.wheel.nextExpiry()!, this.model.now)
      this.#advance(at)
      if (!this.model.waiting.includes(earliest)) return
    }
    expect.fail('the second advance to nextExpiry() fired nothing')
  }

  #compare(): void {
    const earliest = this.model.waiting[0]?.due
    expect(this.wheel.size).toBe(this.model.waiting.length)
    const expiry = this.wheel.nextExpiry()
    if (earliest === undefined) expect(expiry).toBeUndefined()
    else expect(expiry).toBeLessThanOrEqual(earliest)
  }
}

describe('a wheel is a sorted array', () => {
  const start = fc.oneof(
    fc.constantFrom(0, -1, -0.5, NOW, NOW + 0.75, 2 ** 25 - 1, 2 ** 30, -(2 ** 40)),
    fc.integer({ min: -1000 * YEAR, max: 1000 * YEAR }),
  )

  test('for any inserts, removals, advances and wakes', () => {
    fc.assert(
      fc.property(start, fc.array(move, { maxLength: 60, size: 'max' }), (now, moves) => {
        const game = new Game(now)
        for (const move of moves) game.play(move)
      }),
      { numRuns: 1_500 },
    )
  })

  test('and stays one over a long life', () => {
    fc.assert(
      fc.property(fc.array(move, { minLength: 1_500, maxLength: 1_500 }), moves => {
        const game = new Game(NOW)
        for (const move of moves) game.play(move)
      }),
      { numRuns: 10 },
    )
  })
})

describe('firing', () => {
  test('nothing fires before it is due, to the fraction', () => {
    const wheel = new Wheel<string>(NOW)
    wheel.insert(NOW + 10.5, 'half')
    wheel.insert(NOW + 10.25, 'quarter')
    expect(items(wheel.advance(NOW + 10))).toEqual([])
    expect(wheel.nextExpiry()).toBe(NOW + 10.25)
    expect(items(wheel.advance(NOW + 10.4))).toEqual(['quarter'])
    expect(wheel.nextExpiry()).toBe(NOW + 10.5)
    expect(items(wheel.advance(NOW + 10.5))).toEqual(['half'])
  })

  test('equal dues fire in the order of insertion, from whatever distance they were inserted', () => {
    const wheel = new Wheel<string>(NOW)
    const due = NOW + YEAR
    wheel.insert(due, 'a year ahead')
    wheel.advance(due - DAY)
    wheel.insert(due, 'a day ahead')
    wheel.advance(due - 1)
    wheel.insert(due, 'a millisecond ahead')
    expect(items(wheel.advance(due))).toEqual([
      'a year ahead',
      'a day ahead',
      'a millisecond ahead',
    ])
  })

  test('what is due when inserted fires at the next advance, also while the clock stands', () => {
    const wheel = new Wheel<string>(NOW)
    wheel.insert(NOW, 'now')
    wheel.insert(NOW - YEAR, 'long ago')
    expect(wheel.nextExpiry()).toBe(NOW - YEAR)
    expect(items(wheel.advance(NOW))).toEqual(['long ago', 'now'])
    expect(wheel.advance(NOW)).toEqual([])
  })

  test('a clock that went back fires nothing and loses nothing', () => {
    const wheel = new Wheel<string>(NOW)
    wheel.insert(NOW + 5, 'soon')
    wheel.insert(NOW - 5, 'overdue')
    expect(wheel.advance(NOW - DAY)).toEqual([])
    expect(items(wheel.advance(NOW + 5))).toEqual(['overdue', 'soon'])
  })

  test('a crowd fires in order of due, then insertion', () => {
    const wheel = new Wheel<number>(NOW)
    const dues = Array.from({ length: 5_000 }, (_, i) => NOW + ((i * 7_919) % 1_000) * 1_234_567)
    for (const [item, due] of dues.entries()) wheel.insert(due, item)
    const expected = [...dues.keys()].sort((a, b) => dues[a]! - dues[b]! || a - b)
    expect(items(wheel.advance(NOW + 1000 * YEAR))).toEqual(expected)
  })
})

describe('waiting', () => {
  test('the next expiry is the earliest due, however far', () => {
    const wheel = new Wheel<number>(NOW)
    for (const ahead of [1000 * YEAR, 50 * YEAR, 25 * DAY, 1_000, 0.5]) {
      wheel.insert(NOW + ahead, 0)
      expect(wheel.nextExpiry()).toBe(NOW + ahead)
    }
  })

  test('after the earliest was removed, one idle advance makes it exact again', () => {
    const wheel = new Wheel<string>(NOW)
    const first = wheel.insert(NOW + 40 * DAY, 'removed')
    wheel.insert(NOW + 41 * DAY, 'kept')
    wheel.remove(first)
    const expiry = wheel.nextExpiry()!
    expect(wheel.advance(expiry)).toEqual([])
    expect(wheel.nextExpiry()).toBe(NOW + 41 * DAY)
  })

  // A wheel that walked its empty slots would not come back from the first of these.
  test('empty time costs nothing', () => {
    const wheel = new Wheel<number>(0)
    for (let round = 1; round <= 1_000; round++) {
      const end = round * 50 * YEAR
      for (const before of [0, YEAR, 49 * YEAR]) wheel.insert(end - before, before)
      expect(items(wheel.advance(end))).toEqual([49 * YEAR, YEAR, 0])
    }
  })
})

describe('removing', () => {
  test('is true once, and false for what fired or is of another wheel', () => {
    const wheel = new Wheel<string>(NOW)
    const other = new Wheel<string>(NOW)
    const kept = wheel.insert(NOW + 1, 'kept')
    const dropped = wheel.insert(NOW + 1, 'dropped')
    expect(other.remove(dropped)).toBe(false)
    expect([wheel.remove(dropped), wheel.remove(dropped)]).toEqual([true, false])
    expect(items(wheel.advance(NOW + 1))).toEqual(['kept'])
    expect(wheel.remove(kept)).toBe(false)
    expect([wheel.size, other.size]).toEqual([0, 0])
  })

  test('what fired or was removed is kept alive neither by the wheel nor by another timer', async () => {
    const wheel = new Wheel<object>(NOW)
    const refs: WeakRef<object>[] = []
    const held = [1, 1, 1, 2].map(after => {
      const timer = wheel.insert(NOW + after, {})
      refs.push(new WeakRef(timer), new WeakRef(timer.item))
      return timer
    })
    wheel.remove(held[1]!)
    wheel.advance(NOW + 1)
    held.splice(1, 2)
    // A weak reference is not cleared in the turn that made it.
    await setImmediate()
    collectGarbage()
    const alive = refs.map(ref => ref.deref() !== undefined)
    expect(alive).toEqual([true, true, false, false, false, false, true, true])
    expect([held.length, wheel.size]).toEqual([2, 1])
  })
})

describe('times', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)])('%s is refused', time => {
    const wheel = new Wheel<string>(NOW)
    expect(() => new Wheel(time)).toThrow(RangeError)
    expect(() => wheel.insert(time, 'x')).toThrow(RangeError)
    expect(() => wheel.advance(time)).toThrow(RangeError)
    expect(wheel.size).toBe(0)
  })

  test('the ends of the safe integers are served', () => {
    const wheel = new Wheel<string>(Number.MIN_SAFE_INTEGER)
    wheel.insert(Number.MAX_SAFE_INTEGER, 'last')
    wheel.insert(-1, 'before the epoch')
    wheel.insert(0, 'epoch')
    expect(items(wheel.advance(-1))).toEqual(['before the epoch'])
    expect(items(wheel.advance(Number.MAX_SAFE_INTEGER - 1))).toEqual(['epoch'])
    expect(items(wheel.advance(Number.MAX_SAFE_INTEGER))).toEqual(['last'])
  })
})
