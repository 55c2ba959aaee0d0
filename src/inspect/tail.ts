import { unpackBehind } from '../../journal/codec/packer.ts'
import { bodyIn } from '../../journal/envelope.ts'
import { saysNoSuchRun } from '../../journal/error.ts'
import type { AddedRecord } from '../../journal/group.ts'
import type { Follower, Journal } from '../../journal/journal.ts'
import type { JournalReader } from '../../journal/reader.ts'
import { PAGE_BYTES } from './pages.ts'
import type { Committed, PackedRecord } from './source.ts'
import { weightOf } from './weight.ts'

/** Records, and their bytes, that a follower may be behind before it reads them from the journal again. */
const BEHIND = 20_000
const BEHIND_BYTES = 16 << 20
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
const GATHER_MS = 50

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
): AsyncGenerator<readonly (Committed | PackedRecord)[]> =>
  followed(live, after, signal, behind, packed)

const plainly = (commit: number, place: number, { record, workflow }: AddedRecord): Committed => ({
  ...{ commit, place, workflow, record },
})

function packed(commit: number, place: number, added: AddedRecord): PackedRecord {
  const { workflow, sealed } = added
  const { run, seq } = added.record
  return { commit, place, workflow, run, seq, packed: bodyIn(sealed) }
}

/** A record that was packed. */
export function unpacked({ commit, place, workflow, run, seq, packed }: PackedRecord): Committed {
  const { at, elapsed, entries } = unpackBehind(0, packed) as Committed['record']
  return { commit, place, workflow, record: { run, seq, at, elapsed, entries } }
}

async function* followed<Item extends Pick<Committed, 'commit'>>(
  { journal, wait }: Live,
  after: number,
  signal: AbortSignal,
  behind: number,
  told: (commit: number, place: number, added: AddedRecord) => Item,
): AsyncGenerator<readonly (Item | Committed)[]> {
  let cursor = after
  while (!signal.aborted) {
    const live = new Latest(journal, signal, behind, told)
    try {
      for await (const page of storedCommits(journal, cursor)) {
        yield page
        cursor = page.at(-1)?.commit ?? cursor
      }
      for (;;) {
        const page = await live.take()
        if (page === undefined) break
        const fresh = page.filter(({ commit }) => commit > cursor)
        if (fresh.length > 0) yield fresh
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

/** What is committed while somebody reads; too much of it is dropped, all of it. */
class Latest<Item> {
  readonly #signal: AbortSignal
  readonly #behind: number
  readonly #leave: () => void
  readonly #wake = (): void => this.#waiting?.()
  readonly #told: (commit: number, place: number, added: AddedRecord) => Item
  #page: Item[] = []
  #bytes = 0
  #overflown = false
  #waiting: (() => void) | undefined

  constructor(
    journal: Live['journal'],
    signal: AbortSignal,
    behind: number,
    told: (commit: number, place: number, added: AddedRecord) => Item,
  ) {
    this.#told = told
    this.#signal = signal
    this.#behind = behind
    const follower: Follower = (commit, added) => this.#add(commit, added)
    this.#leave = journal.follow(follower)
    signal.addEventListener('abort', this.#wake, { once: true })
  }

  /** What has come, as soon as something has; nothing: there was too much, or it is over. */
  async take(): Promise<readonly Item[] | undefined> {
    if (this.#page.length === 0 && !this.#overflown && !this.#signal.aborted) {
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
    }
    if (this.#overflown || this.#signal.aborted) return undefined
    const page = this.#page
    this.#page = []
    this.#bytes = 0
    return page
  }

  end(): void {
    this.#leave()
    this.#signal.removeEventListener('abort', this.#wake)
  }

  #add(commit: number, added: readonly AddedRecord[]): void {
    if (this.#overflown) return
    let place = 0
    for (const each of added) {
      this.#page.push(this.#told(commit, place, each))
      this.#bytes += each.sealed.length
      place++
    }
    if (this.#page.length > this.#behind || this.#bytes > BEHIND_BYTES) {
      this.#page = []
      this.#overflown = true
    }
    if (this.#page.length > 0 || this.#overflown) this.#wake()
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
