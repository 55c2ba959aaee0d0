import { keys, parseKey, ranges } from '../keys.ts'
import { emptyLedger, type Ledger, noteRecord } from '../ledger.ts'
import { isFinal } from '../lifecycle.ts'
import { openRecord, type StoredRecord } from '../reader.ts'
import { faultOf } from '../verify-report.ts'
import type { History } from './history.ts'
import type { Loss } from './version.ts'
import type { Row, Versions } from './versions.ts'

/** How much of a run can be saved. */
export interface RunVerdict {
  /** How many entries: those of the records that follow each other from the first one on. */
  readonly entries: number
  /** Why there is, or may be, more of it. Absent: it is whole. */
  readonly why?: string
  /** It has ended by then: nothing more can happen to it. */
  readonly isFinal: boolean
  /** Children that it waits for by then. */
  readonly children: readonly string[]
}

/** What becomes of each run. */
export interface RunSurvey {
  readonly saved: ReadonlyMap<string, RunVerdict>
  /** Of which not even the first record can be read. */
  readonly lost: readonly string[]
  /** The journal's id, as the seed of a run tells it. */
  readonly journal: string | undefined
  readonly at: number
  readonly elapsed: number
}

/** Reads the records of all runs and tells how far each can be followed. */
export async function surveyRuns(
  versions: Versions,
  history: History,
  losses: readonly Loss[],
): Promise<RunSurvey> {
  const chains = new Chains(history, losses)
  for await (const row of versions.scan(ranges.records())) chains.see(row)
  return chains.end()
}

interface Chain {
  readonly run: string
  readonly ledger: Ledger
  next: number
  link: number
  why: string | undefined
}

class Chains {
  readonly #history: History
  readonly #losses: readonly Loss[]
  readonly #saved = new Map<string, RunVerdict>()
  readonly #lost = new Set<string>()
  #chain: Chain | undefined
  #journal: string | undefined
  #at = 0
  #elapsed = 0

  constructor(history: History, losses: readonly Loss[]) {
    this.#history = history
    this.#losses = losses
  }

  see({ key, newest, whole }: Row): void {
    const { run, seq } = parseKey.record(key)
    if (newest === 'deleted' || keys.record(run, seq) !== key || this.#history.removed.has(run))
      return
    if (this.#chain?.run !== run) {
      this.#finish()
      this.#chain = { run, ledger: emptyLedger(run), next: 0, link: 0, why: undefined }
    }
    const chain = this.#chain
    if (chain.why === undefined)
      chain.why = whole === undefined ? damaged(seq) : follow(chain, key, whole)
  }

  end(): RunSurvey {
    this.#finish()
    const { listed, heads } = this.#history
    for (const run of [...listed.keys(), ...heads.keys()])
      if (!this.#saved.has(run)) this.#lost.add(run)
    const times = { at: this.#at, elapsed: this.#elapsed }
    return { saved: this.#saved, lost: [...this.#lost].sort(), journal: this.#journal, ...times }
  }

  #finish(): void {
    const chain = this.#chain
    if (chain === undefined) return
    const { run, ledger, next } = chain
    // Rows of a run that was removed, out of a file that should be gone as well.
    if (this.#history.lastMissing === 0 && !this.#history.listed.has(run)) return
    if (next === 0) {
      this.#lost.add(run)
      return
    }
    this.#at = Math.max(this.#at, ledger.at)
    this.#elapsed = Math.max(this.#elapsed, ledger.elapsed)
    this.#journal ??= /^(.+)\/\d+\//.exec(ledger.seed)?.[1]
    const hasEnded = isFinal(ledger.status)
    const why =
      chain.why ?? this.#missing(run, next) ?? (hasEnded ? undefined : this.#doubt(run, next))
    const open = [...ledger.open.values()]
    this.#saved.set(run, {
      entries: next,
      ...(why !== undefined && { why }),
      isFinal: hasEnded,
      children: open.flatMap(what => (what.kind === 'child' ? [what.child] : [])),
    })
  }

  /** Other rows tell of more. */
  #missing(run: string, next: number): string | undefined {
    const head = this.#history.heads.get(run) ?? 0
    if (head > next) return `its head counts ${head} entries`
    const listed = this.#history.listed.get(run)
    if (listed === undefined || listed.seq < next) return undefined
    return `commit ${listed.commit} lists its record ${listed.seq}, which is gone`
  }

  /** There may be more that no row tells of. */
  #doubt(run: string, next: number): string | undefined {
    const { lastMissing, listed, tailIsLost } = this.#history
    if (lastMissing <= (listed.get(run)?.commit ?? 0)) return undefined
    const [first, last] = [keys.record(run, next), ranges.run(run).lt]
    const isTouched = this.#losses.some(({ from = '', to = '~' }) => from <= last && to >= first)
    if (!isTouched && !tailIsLost) return undefined
    return `commit ${lastMissing} is gone, which may have held more of it`
  }
}

const damaged = (seq: number): string => `its record ${seq} is damaged`

/** Why the record cannot follow; else it does. */
function follow(chain: Chain, key: string, value: Uint8Array): string | undefined {
  const { ledger } = chain
  let record: StoredRecord
  try {
    record = openRecord(key, value)
  } catch (error) {
    return `its record ${parseKey.record(key).seq} cannot be read: ${faultOf(error)}`
  }
  const { seq, link, at, elapsed, entries, check } = record
  if (seq > chain.next) return `its record ${chain.next} is gone`
  if (seq < chain.next || link !== chain.link)
    return `its record ${seq} does not follow the one before`
  if (at < ledger.at || elapsed < ledger.elapsed) return `the time of its record ${seq} goes back`
  try {
    noteRecord(ledger, record)
  } catch (error) {
    return `its record ${seq} cannot follow what was before: ${faultOf(error)}`
  }
  chain.next += entries.length
  chain.link = check
  return undefined
}
