import type { Head } from '../../journal/head.ts'
import type { EndedRun, JournalReader } from '../../journal/reader.ts'
import { mayBe } from './run-query.ts'
import type { RunQuery } from './source.ts'

/** Ended runs that are looked up by their ids before all of them are read in a row. */
const LOOKED_UP = 2_000

/** Of those, at once: as many as are wanted, then at most so many, then twice as many each time. */
const FEWEST = 16
const TOGETHER = 256

/** What is read of a journal. */
export type Heads = Pick<JournalReader, 'heads' | 'endedLast' | 'endedHeads'>

/**
 * The runs that were scheduled last, newest first, of those that are wanted. What ended before the
 * oldest of them was scheduled cannot be among them: so of ended runs only the last are read, unless
 * few are wanted.
 */
export async function newestRuns(
  reader: Heads,
  limit: number,
  wanted: (head: Head) => boolean,
  query: Pick<RunQuery, 'status'> = {},
  mostLookedUp = LOOKED_UP,
): Promise<readonly Head[]> {
  const best = new Newest(limit)
  if (mayBe('active', query)) {
    for await (const head of reader.heads('active')) if (wanted(head)) best.add(head)
  }
  if (!mayBe('ended', query)) return best.inOrder()
  let lookedUp = 0
  let tooOld = Number.NEGATIVE_INFINITY
  for await (const runs of together(reader.endedLast(), Math.min(limit, TOGETHER))) {
    if (lookedUp >= mostLookedUp) return newestOfAll(reader, limit, wanted)
    lookedUp += runs.length
    for (const head of await reader.endedHeads(runs)) {
      // It was removed meanwhile.
      if (head?.outcome === undefined) continue
      const { at, elapsed } = head.outcome
      if (elapsed < tooOld) return best.inOrder()
      // They are in the order of the other clock: what ended in the same tick may be later on this one.
      if (at < best.floor) tooOld = elapsed
      else if (wanted(head)) best.add(head)
    }
    best.cut()
  }
  return best.inOrder()
}

/** Ids of runs, `first` at first. Often the next one tells that there is none to come, else more do. */
async function* together(
  ended: AsyncIterable<EndedRun>,
  first: number,
): AsyncGenerator<readonly string[]> {
  let runs: string[] = []
  let size = first
  let next = Math.min(2 * first, FEWEST)
  for await (const { run } of ended) {
    if (runs.push(run) < size) continue
    yield runs
    runs = []
    size = next
    next = Math.min(2 * next, TOGETHER)
  }
  if (runs.length > 0) yield runs
}

async function newestOfAll(
  reader: Heads,
  limit: number,
  wanted: (head: Head) => boolean,
): Promise<readonly Head[]> {
  const best = new Newest(limit)
  for (const which of ['active', 'ended'] as const) {
    for await (const head of reader.heads(which)) if (wanted(head)) best.add(head)
  }
  return best.inOrder()
}

/** Keeps so many, and now and then throws out the others: it never sorts more than twice as many. */
class Newest {
  readonly #limit: number
  #heads: Head[] = []
  /** When the last of so many was scheduled: what is older is not among them. */
  floor = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  add(head: Head): void {
    if (head.createdAt < this.floor) return
    this.#heads.push(head)
    if (this.#heads.length >= 2 * this.#limit) this.cut()
  }

  inOrder(): readonly Head[] {
    this.cut()
    return this.#heads
  }

  /** Keeps no more than are wanted, and learns what is too old to be among them. */
  cut(): void {
    const sorted = this.#heads.sort(newestFirst)
    // One that ended while it was looked for is found twice: as it is now it comes last.
    const once = sorted.filter(({ run }, at) => sorted[at + 1]?.run !== run)
    this.#heads = once.slice(0, this.#limit)
    if (this.#heads.length === this.#limit) this.floor = this.#heads.at(-1)?.createdAt ?? this.floor
  }
}

/** Of those that were scheduled at the same time by id, so that a list is the same each time. */
export const newestFirst = (a: Head, b: Head): number =>
  b.createdAt - a.createdAt || (a.run === b.run ? 0 : a.run < b.run ? 1 : -1)
