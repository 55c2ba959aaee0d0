import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Head } from '../../journal/head.ts'
import { isFinal, type RunStatus } from '../../journal/lifecycle.ts'
import type { EndedRun } from '../../journal/reader.ts'
import { type Heads, newestRuns } from '../../src/inspect/newest.ts'
import { globOf, wantedBy } from '../../src/inspect/run-query.ts'

const STATUS = ['scheduled', 'running', 'completed', 'failed'] as const satisfies RunStatus[]

/** Runs that may have been scheduled in any order; each ends some time after it was scheduled. */
const runs = fc
  .array(
    fc.record({
      createdAt: fc.nat(40),
      took: fc.nat(20),
      status: fc.constantFrom(...STATUS),
      workflow: fc.constantFrom('a', 'b'),
    }),
    { maxLength: 30 },
  )
  .map(list =>
    list.map(({ createdAt, took, status, workflow }, at): Head => {
      const end = createdAt + took
      const outcome = { seq: 1, at: end, elapsed: end }
      return {
        ...{ run: `r${String(at).padStart(2, '0')}`, workflow, status, createdAt, at: end, seq: 2 },
        ...{ link: 0, passive: true, ...(isFinal(status) && { outcome }) },
      }
    }),
  )

class Reader implements Heads {
  readonly #heads: readonly Head[]
  looked = 0

  constructor(heads: readonly Head[]) {
    this.#heads = heads
  }

  async *heads(which: 'active' | 'ended'): AsyncGenerator<Head> {
    for (const head of this.#heads) {
      if (isFinal(head.status) === (which === 'ended')) yield head
    }
  }

  async *endedLast(): AsyncGenerator<EndedRun> {
    const ended = this.#heads.filter(({ outcome }) => outcome !== undefined)
    ended.sort((a, b) => (b.outcome?.elapsed ?? 0) - (a.outcome?.elapsed ?? 0))
    for (const { run, outcome } of ended) yield { run, elapsed: outcome?.elapsed ?? 0 }
  }

  async endedHeads(runs: readonly string[]): Promise<readonly (Head | undefined)[]> {
    this.looked += runs.length
    return runs.map(run => this.#heads.find(head => head.run === run))
  }
}

const byHand = (heads: readonly Head[], limit: number, wanted: (head: Head) => boolean): string[] =>
  heads
    .filter(wanted)
    .sort((a, b) => b.createdAt - a.createdAt || (a.run < b.run ? 1 : -1))
    .slice(0, limit)
    .map(({ run }) => run)

describe('the newest runs', () => {
  test('are those of a list that is sorted by hand', async () => {
    const query = fc.record(
      {
        status: fc.subarray([...STATUS]),
        workflow: fc.constantFrom('a', 'b', '*'),
        since: fc.nat(40),
        until: fc.nat(40),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(
        runs,
        fc.integer({ min: 1, max: 8 }),
        query,
        fc.constantFrom(2, 5, 1_000),
        async (heads, limit, asked, lookedUp) => {
          const wanted = wantedBy({ order: 'newest', ...asked })
          const found = await newestRuns(new Reader(heads), limit, wanted, asked, lookedUp)
          expect(found.map(({ run }) => run)).toEqual(byHand(heads, limit, wanted))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('one of those that ended in one tick of one clock is found, in whatever tick of the other', async () => {
    const ended = (run: string, at: number): Head => {
      const facts = { run, workflow: 'a', createdAt: at, at, seq: 2, link: 0, passive: true }
      return { ...facts, status: 'completed', outcome: { seq: 1, at, elapsed: 2 } }
    }
    const [early, late] = [ended('z', 4), ended('b', 5)]
    const active: Head = { ...ended('a', 5), status: 'running' }
    const heads: Heads = {
      heads: async function* () {
        yield active
      },
      endedLast: async function* () {
        for (const { run } of [early, late]) yield { run, elapsed: 2 }
      },
      endedHeads: async runs => runs.map(run => [early, late].find(head => head.run === run)),
    }
    expect(await newestRuns(heads, 1, () => true)).toEqual([late])
  })

  test('one that ends while it is looked for is found once, as it is now', async () => {
    const [run, outcome] = ['r', { seq: 1, at: 5, elapsed: 5 }]
    const facts = { run, workflow: 'a', createdAt: 3, at: 5, seq: 2, link: 0, passive: true }
    const ended: Head = { ...facts, status: 'completed', outcome }
    const reader = new Reader([ended])
    const heads: Heads = {
      heads: async function* () {
        yield { ...facts, status: 'running' }
      },
      endedLast: () => reader.endedLast(),
      endedHeads: runs => reader.endedHeads(runs),
    }
    expect(await newestRuns(heads, 5, () => true)).toEqual([ended])
  })

  test('are found without looking at those that ended long before', async () => {
    const heads = Array.from({ length: 500 }, (_, at): Head => {
      const outcome = { seq: 1, at: at * 10 + 5, elapsed: at * 10 + 5 }
      const own = { run: `r${at}`, workflow: 'a', status: 'completed', createdAt: at * 10 } as const
      return { ...own, at: outcome.at, seq: 2, link: 0, passive: true, outcome }
    })
    const reader = new Reader(heads)
    await newestRuns(reader, 5, () => true)
    expect(reader.looked).toBeLessThanOrEqual(15)
  })
})

test('a pattern fits what the regular expression fits that it stands for', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 })
  fc.assert(
    fc.property(pattern, text, (glob, subject) => {
      const regular = new RegExp(`^${glob.replaceAll('*', '.*')}$`)
      expect(globOf(glob)(subject)).toBe(regular.test(subject))
    }),
    { numRuns: 500 },
  )
})
