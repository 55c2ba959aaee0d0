import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Journal } from '../../journal/journal.ts'
import { JournalReader } from '../../journal/reader.ts'
import { startJournal } from '../../journal/start.ts'
import type { Store } from '../../journal/store.ts'
import { removeRuns } from '../../journal/upkeep.ts'
import { Recent } from '../../src/inspect/recent.ts'
import { wantedBy } from '../../src/inspect/run-query.ts'
import type { Listed, RunQuery } from '../../src/inspect/source.ts'
import { StoredSource } from '../../src/inspect/stored-source.ts'
import { Author } from '../conformance/author.ts'
import { countingStore, readsOf } from './counting-store.ts'

const NOW = Date.UTC(2030, 0, 1)
/** More than are remembered of a journal that is listed. */
const MANY = 140
/** Runs that begin in one commit. */
const TOGETHER = 20

/** A journal that is written to and listed, beside what lies in its store. */
class World {
  readonly #store: Store
  readonly #authors = new Map<string, Author>()
  journal: Journal
  #live: StoredSource
  now = NOW
  #count = 0

  constructor(store: Store, journal: Journal) {
    this.#store = store
    this.journal = journal
    this.#live = this.#sourceOf(journal)
  }

  get stored(): StoredSource {
    return new StoredSource(new JournalReader(this.#store), () => this.journal.tip)
  }

  #sourceOf(journal: Journal): StoredSource {
    return new StoredSource(journal, () => journal.tip, new Recent(journal))
  }

  /** The process dies, and another one opens the journal. */
  async crash(): Promise<void> {
    this.journal = (await started(this.#store, this.now)).journal
    this.#live = this.#sourceOf(this.journal)
  }

  /** Begins a run, if there is none of the id; else it goes on. */
  async turn(run: string, choice: number): Promise<void> {
    let author = this.#authors.get(run)
    const append = author === undefined ? undefined : author.next(choice, this.now + (choice % 2))
    if (author === undefined) {
      author = new Author(run)
      this.#authors.set(run, author)
      await this.journal.append([author.begin(this.now - (choice % 3), choice)])
    } else if (append !== undefined) await this.journal.append([append])
  }

  /** Runs with ids in no order, which end at once; some commits of them in each millisecond. */
  async many(count: number): Promise<void> {
    for (let left = count; left > 0; left -= TOGETHER) {
      await this.#together(Math.min(left, TOGETHER))
      if (this.#count % (3 * TOGETHER) === 0) this.now++
    }
  }

  async #together(count: number): Promise<void> {
    const appends = Array.from({ length: count }, () => {
      const run = `run_${String((this.#count++ * 7_919) % 1_000_003).padStart(7, '0')}`
      const author = new Author(run)
      this.#authors.set(run, author)
      const begun = author.begin(this.now)
      return { author, begun }
    })
    await this.journal.append(appends.map(({ begun }) => begun))
    await this.journal.append(
      appends.map(({ author }) => author.turn(this.now, { type: 'run.started' })),
    )
    const output = new Uint8Array(0)
    await this.journal.append(
      appends.map(({ author }) =>
        author.turn(this.now, { type: 'code.woke' }, { type: 'run.completed', output }),
      ),
    )
  }

  async remove(most: number): Promise<void> {
    const ended = [...this.#authors.values()].flatMap(({ ledger }) => {
      const { run, outcome } = ledger
      return outcome === undefined ? [] : { run, elapsed: outcome.elapsed }
    })
    const some = ended.slice(-most)
    await removeRuns(this.journal, some)
    for (const { run } of some) this.#authors.delete(run)
  }

  async listed(query: RunQuery): Promise<readonly Listed[]> {
    const all: Listed[] = []
    for await (const page of this.#live.listed(query)) all.push(...page)
    return all
  }

  /** The same by hand, from all rows. */
  async byHand(query: RunQuery): Promise<readonly Listed[]> {
    const all: Listed[] = []
    for await (const page of this.stored.listed({ order: 'id' })) all.push(...page)
    const wanted = all.filter(({ head }) => wantedBy(query)(head))
    if (query.order === 'newest') {
      wanted.sort(
        ({ head: a }, { head: b }) => b.createdAt - a.createdAt || (a.run < b.run ? 1 : -1),
      )
    }
    return wanted.slice(0, query.limit)
  }
}

const started = (store: Store, now: number): ReturnType<typeof startJournal> =>
  startJournal(store, { durability: 'os', now })

async function world() {
  const { store, reads } = await countingStore()
  const { journal } = await started(store, NOW)
  return { world: new World(store, journal), reads }
}

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
