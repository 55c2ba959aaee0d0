import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rank } from '../../src/admission/lane.ts'
import { type Keyed, Window } from '../../src/admission/window.ts'
import { compare } from './naive.ts'

const MOST = 4

type Move =
  | { readonly kind: 'insert'; readonly rank: number }
  | { readonly kind: 'shift' }
  | { readonly kind: 'remove'; readonly which: number }
  | { readonly kind: 'putBack'; readonly which: number; readonly rank: number }
  | { readonly kind: 'begin' }
  | { readonly kind: 'look' }
  | { readonly kind: 'end'; readonly limit: number }
  | { readonly kind: 'fail' }

const rank = fc.nat(40)
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('insert'), rank }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('shift') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove'), which: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('putBack'), which: fc.nat(99), rank }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look') }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('end'), limit: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail') }) },
)

/** The whole line in one sorted array, and a window on it that sees it only by reading. */
class Game {
  #disk: Keyed[]
  readonly #window: Window<Keyed>
  #place = 0
  /** A reading that is under way, and the line beyond `after` as it sees it. */
  #reading: { after: Rank | undefined; seen: readonly Keyed[] | undefined } | undefined

  constructor(ranks: readonly number[]) {
    this.#disk = ranks.map(rank => this.#made(rank)).sort(compare)
    this.#window = new Window(ranks.length, MOST)
  }

  play(move: Move): void {
    const window = this.#window
    switch (move.kind) {
      case 'insert':
        this.#insert(this.#made(move.rank))
        break
      case 'shift':
        if (window.first === undefined) expect(window.shift()).toBeUndefined()
        else expect(window.shift()).toEqual(this.#disk.shift())
        break
      case 'remove':
        this.#remove(move.which)
        break
      case 'putBack': {
        const item = this.#remove(move.which)
        if (item !== undefined) this.#insert({ ...item, rank: move.rank })
        break
      }
      case 'begin':
        if (window.needsReading) {
          this.#reading = { after: window.beginReading(), seen: undefined }
        }
        break
      case 'look':
        this.#look()
        break
      case 'end':
        this.#end(move.limit)
        break
      case 'fail':
        if (this.#reading !== undefined) window.failReading()
        this.#reading = undefined
        break
    }
    this.#compare()
  }

  /** Everything leaves, in order. */
  drain(): void {
    for (let left = this.#disk.length; left >= 0; left--) {
      if (this.#window.first === undefined) {
        this.play({ kind: 'begin' })
        this.play({ kind: 'end', limit: MOST })
      }
      this.play({ kind: 'shift' })
    }
    expect(this.#window.count).toBe(0)
    expect(this.#window.remove('nobody')).toBe(false)
  }

  // What the reading sees is settled some time after it has begun.
  #look(): void {
    if (this.#reading === undefined || this.#reading.seen !== undefined) return
    const { after } = this.#reading
    this.#reading.seen = this.#disk.filter(item => !after || compare(item, after) > 0)
  }

  #end(limit: number): void {
    this.#look()
    const seen = this.#reading?.seen
    if (seen === undefined) return
    this.#reading = undefined
    this.#window.fill(seen.slice(0, limit), seen.length <= limit)
  }

  #insert(item: Keyed): void {
    this.#disk.push(item)
    this.#disk.sort(compare)
    this.#window.insert(item)
  }

  #remove(which: number): Keyed | undefined {
    const [item] = this.#disk.splice(which % (this.#disk.length + 1), 1)
    if (item !== undefined) expect(this.#window.remove(item.key)).toBe(true)
    return item
  }

  #compare(): void {
    const { count, first, size, needsReading } = this.#window
    const isReading = this.#reading !== undefined
    expect(count).toBe(this.#disk.length)
    if (first !== undefined) expect(first).toEqual(this.#disk[0])
    else expect(needsReading).toBe(count > 0 && !isReading)
    if (!isReading) expect(size).toBeLessThan(2 * MOST)
  }

  #made(rank: number): Keyed {
    const place = this.#place++
    return { key: `item ${place}`, rank, place }
  }
}

describe('a window is the front of the line on disk', () => {
  test('for any inserts, removals and readings', () => {
    fc.assert(
      fc.property(
        fc.array(rank, { maxLength: 12 }),
        fc.array(move, { maxLength: 100, size: 'max' }),
        (ranks, moves) => {
          const game = new Game(ranks)
          for (const move of moves) game.play(move)
          game.drain()
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a line that fits into memory', () => {
  test('is never read', () => {
    const window = new Window<Keyed>(0, MOST)
    for (let place = 0; place < 100; place++) {
      for (const rank of [2, 1]) window.insert({ key: `${rank} ${place}`, rank, place })
      expect(window.shift()?.rank).toBe(1)
      expect(window.shift()?.rank).toBe(2)
      expect([window.count, window.needsReading]).toEqual([0, false])
    }
  })

  test('what comes first is known to be without a reading', () => {
    const window = new Window<Keyed>(0, MOST)
    for (let place = 0; place < 20; place++) window.insert({ key: `${place}`, rank: 5, place })
    for (let place = 0; place < MOST; place++) expect(window.shift()?.place).toBe(place)
    expect([window.count, window.needsReading]).toEqual([16, true])
    window.insert({ key: 'urgent', rank: 1, place: 20 })
    expect([window.first?.key, window.needsReading]).toEqual(['urgent', false])
    window.shift()
    expect([window.needsReading, window.after]).toEqual([true, { rank: 5, place: 3 }])
  })
})

describe('while it is read', () => {
  const item = (rank: number): Keyed => ({ key: `${rank}`, rank, place: rank })

  /** The first four have gone, the others are on disk and being read. */
  function beingRead(): { window: Window<Keyed>; others: Keyed[] } {
    const window = new Window<Keyed>(0, MOST)
    const items = Array.from({ length: 2 * MOST }, (_, at) => item(100 + at))
    for (const each of items) window.insert(each)
    for (let left = MOST; left > 0; left--) window.shift()
    expect(window.beginReading()).toEqual({ rank: 103, place: 103 })
    return { window, others: items.slice(MOST) }
  }

  const drained = (window: Window<Keyed>): (number | undefined)[] =>
    Array.from({ length: window.count }, () => window.shift()?.rank)

  test('a crowd that comes before what is read is kept until it has been read', () => {
    const { window, others } = beingRead()
    for (const { key } of others.slice(1)) window.remove(key)
    for (let rank = 0; rank < 2 * MOST; rank++) window.insert(item(rank))
    expect(window.size).toBe(2 * MOST)
    window.fill(others, true)
    expect([window.size, window.count]).toEqual([MOST, 2 * MOST + 1])
    expect(Array.from({ length: MOST }, () => window.shift()?.rank)).toEqual([0, 1, 2, 3])
    expect([window.needsReading, window.after]).toEqual([true, { rank: 3, place: 3 }])
  })

  test('what comes behind all of it need not be read', () => {
    const { window, others } = beingRead()
    window.insert(item(200))
    window.fill(others, true)
    expect(drained(window)).toEqual([104, 105, 106, 107, 200])
  })

  test('what came when all of it had gone is not counted twice', () => {
    const { window, others } = beingRead()
    for (const { key } of others) window.remove(key)
    window.insert(item(200))
    window.fill([...others, item(200)], true)
    expect([window.size, window.count]).toEqual([1, 1])
  })

  test('a line of which nothing is left on disk is kept in memory again', () => {
    const { window, others } = beingRead()
    for (const { key } of others) window.remove(key)
    window.fill([], false)
    window.insert(item(200))
    expect(window.needsReading).toBe(false)
    expect(drained(window)).toEqual([200])
  })
})
