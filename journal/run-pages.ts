import { corrupt } from './envelope.ts'
import type { Head } from './head.ts'
import { openHead } from './head-reader.ts'
import { keys, parseKey, ranges } from './keys.ts'
import { openRecord, type StoredRecord } from './reader.ts'
import type { Store, StoreEntry } from './store.ts'

/** Records of one run that follow each other; the first of a run start at seq 0. */
export interface RunPage {
  readonly head: Head
  readonly records: readonly StoredRecord[]
}

/**
 * The records of all runs in order of run id and seq, or those of one run, each checked against the
 * one before and against its run's head. Many pages at a time: a promise a record would cost more than
 * reading it. Throws JOURNAL_CORRUPT where the damage is, after all that comes before it.
 */
export async function* readPages(store: Store, run?: string): AsyncGenerator<readonly RunPage[]> {
  const cutter = new PageCutter()
  for await (const chunk of store.scan(run === undefined ? ranges.records() : ranges.run(run))) {
    await cutter.meet(chunk, store)
    const pages: OpenPage[] = []
    try {
      cutter.cut(chunk, pages)
    } catch (error) {
      yield pages
      throw error
    }
    yield pages
  }
  cutter.end()
}

interface OpenPage {
  readonly head: Head
  readonly records: StoredRecord[]
}

/** Cuts rows into pages; remembers where the run it is in has got to. */
class PageCutter {
  /** Rows of the heads of the runs in the chunk. */
  readonly #heads = new Map<string, StoreEntry>()
  #head: Head | undefined
  #seq = 0
  #link = 0

  /**
   * Looks up the runs of a chunk. Nothing in a run id sorts before "!", so their heads lie
   * together as their records do, and one scan is cheaper than many gets.
   */
  async meet(chunk: readonly StoreEntry[], store: Store): Promise<void> {
    this.#heads.clear()
    const runs = new Set<string>()
    for (const [key] of chunk) runs.add(parseKey.record(key).run)
    const [first] = runs
    const last = [...runs].pop()
    if (first === undefined || last === undefined) return
    for (const keyOf of [keys.active, keys.ended]) {
      const heads = { gte: keyOf(first), lt: `${keyOf(last)}\0` }
      for await (const rows of store.scan(heads)) {
        for (const row of rows) this.#heads.set(parseKey.head(row[0]), row)
      }
    }
  }

  cut(chunk: readonly StoreEntry[], pages: OpenPage[]): void {
    let page: OpenPage | undefined
    for (const [key, value] of chunk) {
      const record = openRecord(key, value)
      const head = record.run === this.#head?.run ? this.#head : this.#begin(record.run)
      if (record.seq !== this.#seq || record.link !== this.#link) {
        throw corrupt(key, `it does not follow the record before it, which ends at ${this.#seq}`)
      }
      this.#seq += record.entries.length
      this.#link = record.check
      if (page?.head !== head) {
        page = { head, records: [] }
        pages.push(page)
      }
      page.records.push(record)
    }
  }

  /** The run it is in must be whole. */
  end(): void {
    const head = this.#head
    if (head === undefined || (head.seq === this.#seq && head.link === this.#link)) return
    const key = keys.record(head.run, this.#seq)
    throw corrupt(key, `it is missing: the head counts ${head.seq} entries`)
  }

  #begin(run: string): Head {
    this.end()
    const row = this.#heads.get(run)
    if (row === undefined) {
      throw corrupt(keys.active(run), 'it is missing: there are records of its run')
    }
    const head = openHead(...row)
    this.#head = head
    this.#seq = 0
    this.#link = 0
    return head
  }
}
