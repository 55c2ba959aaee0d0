import { keys, parseKey, ranges } from './keys.ts'
import { openCommit, openRecord } from './reader.ts'
import type { Store, StoreEntry } from './store.ts'
import type { Finding } from './verify-report.ts'

interface Listed {
  readonly commit: number
  readonly check: number
}

/** Listed records of some runs, by run and seq. */
type Listings = Map<string, Map<number, Listed>>

/** So many runs at a time, lest memory grows with the damage. */
const RUNS_AT_ONCE = 1_000

/** Says for runs whose records are not those that the commits list which records these are. */
export async function* explainListings(
  store: Store,
  runs: readonly string[],
): AsyncGenerator<Finding> {
  for (let from = 0; from < runs.length; from += RUNS_AT_ONCE) {
    const some = runs.slice(from, from + RUNS_AT_ONCE)
    const listings: Listings = new Map(some.map(run => [run, new Map<number, Listed>()]))
    const twice: Finding[] = []
    for await (const chunk of store.scan(ranges.commits())) {
      for (const row of chunk) twice.push(...takeDown(listings, row))
    }
    yield* twice
    for (const [run, listing] of listings) {
      let isExplained = twice.some(finding => finding.run === run)
      for await (const finding of explainRun(store, run, listing)) {
        isExplained = true
        if (finding.what !== UNREADABLE) yield finding
      }
      if (!isExplained) yield { place: keys.record(run, 0), what: REORDERED, run }
    }
  }
}

const REORDERED = 'the commits list the records of its run in another order'
/** The pass over the records has reported it, with what is wrong. */
const UNREADABLE = 'it cannot be read'

function takeDown(listings: Listings, [key, value]: StoreEntry): Finding[] {
  const row = readable(() => openCommit(key, value))
  if (row === undefined) return []
  const twice: Finding[] = []
  for (const run of row.removed ?? []) listings.get(run)?.clear()
  for (const [run, seq, check] of row.records) {
    const listing = listings.get(run)
    const earlier = listing?.get(seq)
    if (earlier !== undefined) {
      const what = `it lists ${keys.record(run, seq)}, which commit ${earlier.commit} has listed`
      twice.push({ place: key, what, run })
    }
    listing?.set(seq, { commit: row.commit, check })
  }
  return twice
}

async function* explainRun(
  store: Store,
  run: string,
  listing: Map<number, Listed>,
): AsyncGenerator<Finding> {
  for await (const chunk of store.scan(ranges.run(run))) {
    for (const [place, value] of chunk) {
      const { seq } = parseKey.record(place)
      const listed = listing.get(seq)
      listing.delete(seq)
      const record = readable(() => openRecord(place, value))
      if (record === undefined) yield { place, what: UNREADABLE, run }
      else if (listed === undefined) yield { place, what: 'no commit lists it', run }
      else if (listed.check !== record.check) {
        yield { place, what: `it is not the record that commit ${listed.commit} lists`, run }
      }
    }
  }
  for (const [seq, { commit }] of listing) {
    const what = `it is missing: commit ${commit} lists it`
    yield { place: keys.record(run, seq), what, run }
  }
}

function readable<Row>(open: () => Row): Row | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}
