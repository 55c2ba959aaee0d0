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
import { countingStore } from './counting-store.ts'

export const NOW = Date.UTC(2030, 0, 1)
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

/** An empty one, and what is read of its store. */
export async function world() {
  const { store, reads } = await countingStore()
  const { journal } = await started(store, NOW)
  return { world: new World(store, journal), reads }
}
