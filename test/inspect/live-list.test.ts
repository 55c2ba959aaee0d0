import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Listed, RunQuery } from '../../src/inspect/source.ts'
import { Author } from '../conformance/author.ts'
import { readsOf } from './counting-store.ts'
import { NOW, world } from './listed-world.ts'

/** More than are remembered of a journal that is listed. */
const MANY = 140

const query = fc.record(
  {
    order: fc.constantFrom('newest' as const, 'newest' as const, 'id' as const),
    status: fc.subarray(['scheduled', 'running', 'completed', 'failed', 'cancelled'] as const),
    workflow: fc.constantFrom('*', 'of a', 'of run_*'),
    since: fc.integer({ min: NOW - 3, max: NOW + 100 }),
    until: fc.integer({ min: NOW, max: NOW + 100 }),
    limit: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: ['order', 'limit'] },
)

const newest = fc.record({
  order: fc.constant('newest' as const),
  limit: fc.integer({ min: 1, max: 60 }),
})

const move = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom('a', 'zz', 'run_000003x', 'b'), fc.nat(60)) },
  { weight: 4, arbitrary: query },
  { weight: 4, arbitrary: newest },
  { weight: 2, arbitrary: fc.constantFrom(1, 60, MANY) },
  { weight: 2, arbitrary: fc.constantFrom('crash' as const, 'remove' as const, 'tick' as const) },
  { weight: 1, arbitrary: fc.constant('idle' as const) },
)

describe('a list of a journal that is written to', () => {
  test('is that of all rows, whatever begins, ends and is removed, and whoever dies', async () => {
    let fromMemory = 0
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25, size: 'max' }), async moves => {
        const { world: it, reads } = await world()
        // From then on it remembers.
        await it.listed({ order: 'newest', limit: 1 })
        for (const move of moves) {
          if (move === 'crash') await it.crash()
          else if (move === 'remove') await it.remove(3)
          else if (move === 'tick') it.now += 1
          else if (move === 'idle') it.now += 100_000
          else if (typeof move === 'number') await it.many(move)
          else if (Array.isArray(move)) await it.turn(...move)
          else {
            let told: readonly Listed[] = []
            const { gets, scans } = await readsOf(reads, async () => {
              told = await it.listed(move)
            })
            if (gets + scans.length === 0 && told.length > 0) fromMemory++
            expect(told).toEqual(await it.byHand(move))
          }
        }
      }),
      { numRuns: 80 },
    )
    expect(fromMemory).toBeGreaterThan(5)
  }, 30_000)

  test('costs no more after many runs have ended than after few', async () => {
    const costs = []
    for (const ended of [600, 2_400]) {
      const { world: it, reads } = await world()
      for (const run of ['a', 'b', 'c']) await it.turn(run, 0)
      for (let at = 0; at < ended; at += 100) {
        it.now += 1_000
        await it.many(100)
      }
      const cost = async (query: Partial<RunQuery>) => {
        const { gets, rows, scans } = await readsOf(reads, () =>
          it.listed({ order: 'newest', limit: 51, ...query }),
        )
        expect(scans).not.toContain('a!')
        return { gets, rows, scans: scans.length }
      }
      const first = await cost({})
      it.now += 1_000
      await it.many(100)
      // How many are looked at at once depends on what ended at the same time.
      expect(first.gets + first.rows).toBeLessThan(1_000)
      costs.push({
        again: await cost({}),
        running: await cost({ status: ['running', 'scheduled'] }),
        byId: await cost({ order: 'id', status: ['scheduled'] }),
      })
    }
    const [few, many] = costs
    expect(many).toEqual(few)
    expect(many?.again).toEqual({ gets: 0, rows: 0, scans: 0 })
    // The heads of three runs, and at most what each of them has.
    expect(many?.running.gets).toBeLessThan(20)
    expect(many?.running.rows).toBe(0)
  })

  test('leaves nothing out that was scheduled in the same moment as what is remembered', async () => {
    const { world: it } = await world()
    const query = { order: 'newest', limit: 10 } as const
    await it.listed(query)
    for (const first of ['z', 'a']) {
      const authors = Array.from({ length: 100 }, (_, n) => new Author(`${first}-${n}`))
      await it.journal.append(authors.map(author => author.begin(it.now)))
    }
    const told = await it.listed(query)
    expect(told).toEqual(await it.byHand(query))
    expect(told.every(({ head }) => head.run.startsWith('z'))).toBe(true)
  })

  test('of many runs that have not ended reads what there is', async () => {
    const { world: it, reads } = await world()
    for (let at = 0; at < 5; at++) {
      const authors = Array.from({ length: 1_000 }, (_, n) => new Author(`s${at}-${n}`))
      await it.journal.append(authors.map(author => author.begin(it.now)))
    }
    const query = { order: 'id', status: ['scheduled'], limit: 5_000 } as const
    const { scans } = await readsOf(reads, async () => {
      expect(await it.listed(query)).toHaveLength(5_000)
    })
    expect(scans).toContain('a!')
  })
})
