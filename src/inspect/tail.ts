import { saysNoSuchRun } from '../../journal/error.ts'
import type { Journal } from '../../journal/journal.ts'
import type { JournalReader } from '../../journal/reader.ts'
import { Latest, type Told } from './latest.ts'
import { type PackedPage, packedPages } from './packed.ts'
import { PAGE_BYTES } from './pages.ts'
import type { Committed } from './source.ts'
import { weightOf } from './weight.ts'

/** Records that a follower may be behind before it reads them from the journal again. */
const BEHIND = 20_000
const PAGE = 500
/** Workflows of runs that are remembered. */
const REMEMBERED = 10_000

/** What is read of a journal. */
export type Rows = Pick<JournalReader, 'commits' | 'record' | 'head'>

/** What a follower is told by: the journal, and how to wait a while, in ms. */
export interface Live {
  readonly journal: Rows & Pick<Journal, 'follow'>
  readonly wait: (ms: number) => Promise<void>
}

/** Between pages, so that many commits make one: each costs the engine a write to a socket. */
const GATHER_MS = 100

/** The records of commits after one that are in the journal now, in order. */
export async function* storedCommits(
  reader: Rows,
  after: number,
): AsyncGenerator<readonly Committed[]> {
  const workflows = new Map<string, string>()
  let page: Committed[] = []
  let bytes = 0
  for await (const { commit, records } of reader.commits(after + 1)) {
    for (const [place, [run, seq]] of records.entries()) {
      const committed = await committedOf(reader, run, seq, workflows)
      if (committed === undefined) continue
      page.push({ commit, place, ...committed })
      bytes += weightOf(committed.record)
      if (page.length < PAGE && bytes < PAGE_BYTES) continue
      yield page
      page = []
      bytes = 0
    }
  }
  if (page.length > 0) yield page
}

/**
 * The same, and then what is committed from now on, without end and without a gap: whoever falls
 * behind reads the journal again from where it is.
 */
export const followedCommits = (
  live: Live,
  after: number,
  signal: AbortSignal,
  behind = BEHIND,
): AsyncGenerator<readonly Committed[]> => followed(live, after, signal, behind, plainly)

/** The same, of which what comes live is as it was packed: little is left to do for whoever follows. */
export const followedPacked = (
  live: Live,
  after: number,
  signal: AbortSignal,
  behind = BEHIND,
): AsyncGenerator<readonly (Committed | PackedPage)[]> =>
  followed(live, after, signal, behind, packedPages)

const plainly = (told: readonly Told[]): readonly Committed[] =>
  told.flatMap(({ commit, added }) =>
    added.map(({ record, workflow }, place) => ({ commit, place, workflow, record })),
  )

async function* followed<Item>(
  { journal, wait }: Live,
  after: number,
  signal: AbortSignal,
  behind: number,
  itemsOf: (told: readonly Told[]) => readonly Item[],
): AsyncGenerator<readonly (Item | Committed)[]> {
  let cursor = after
  while (!signal.aborted) {
    const live = new Latest(journal, signal, behind)
    try {
      for await (const page of storedCommits(journal, cursor)) {
        yield page
        cursor = page.at(-1)?.commit ?? cursor
      }
      for (;;) {
        const told = await live.take()
        if (told === undefined) break
        const fresh = told.filter(({ commit }) => commit > cursor)
        if (fresh.length > 0) yield itemsOf(fresh)
        cursor = fresh.at(-1)?.commit ?? cursor
        await unlessAborted(wait(GATHER_MS), signal)
      }
    } finally {
      live.end()
    }
  }
}

async function committedOf(
  reader: Rows,
  run: string,
  seq: number,
  workflows: Map<string, string>,
): Promise<Omit<Committed, 'commit' | 'place'> | undefined> {
  try {
    const record = await reader.record(run, seq)
    let workflow = workflows.get(run)
    if (workflow === undefined) {
      workflow = (await reader.head(run))?.workflow ?? ''
      if (workflows.size >= REMEMBERED) workflows.clear()
      workflows.set(run, workflow)
    }
    const { link: _, check: __, ...facts } = record
    return { workflow, record: facts }
  } catch (error) {
    // Its run was removed since.
    if (saysNoSuchRun(error)) return undefined
    throw error
  }
}

/** Waits for it, as long as somebody reads. */
async function unlessAborted(waited: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => {}
  const aborted = new Promise<void>(resolve => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) resolve()
  })
  await Promise.race([waited, aborted])
  signal.removeEventListener('abort', stop)
}
