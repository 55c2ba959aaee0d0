import { decodeValue } from '../../journal/codec/decode.ts'
import type { Commit } from '../../journal/commit.ts'
import type { Entry } from '../../journal/entry.ts'
import { unseal } from '../../journal/envelope.ts'
import { keys } from '../../journal/keys.ts'
import { beginRecord, emptyLedger, type Ledger, note } from '../../journal/ledger.ts'
import type { Change } from '../../journal/pending.ts'
import { openCommit, openRecord, type StoredRecord } from '../../journal/reader.ts'
import type { VirtualClock } from '../../src/testing/clock.ts'
import type { DiskWrite } from '../../src/testing/disk.ts'
import { Comeback } from './comeback.ts'
import { type CommitSeen, commitLaws } from './commit-laws.ts'
import { type EntrySeen, entryLaws, isLast } from './entry-laws.ts'
import { EventBook } from './event-book.ts'
import type { CancelSpec, TriggerSpec } from './event-facts.ts'
import type { FlowSpec } from './flow.ts'
import { judge, LawBroken } from './law.ts'
import type { Plan } from './plan.ts'
import { isOutlaw, type StepNode } from './program.ts'
import { removalLaws } from './removal-laws.ts'

/** What is on disk of one run, folded anew, apart from any engine. */
export interface RunHistory {
  readonly ledger: Ledger
  /** The commit that it was scheduled in. */
  readonly since: number
  readonly records: StoredRecord[]
  /** What each open timer was set at, by its seq. */
  readonly timers: Map<number, Mark>
  /** Seqs of calls that have their last answer. */
  readonly answered: Set<number>
  /** Steps whose result is recorded, by id. */
  readonly succeeded: Set<string>
  /** Ids of steps and timers, by seq. */
  readonly ids: Map<number, string>
}

/** A moment of the world's clocks. */
export interface Mark {
  /** How many readings of the wall clock there were before. */
  readonly readings: number
  readonly elapsed: number
}

/** The journal as it grew, write by write, every one held against the laws. */
export class History {
  readonly rows: ReadonlyMap<string, Uint8Array>
  readonly clock: VirtualClock
  readonly runs = new Map<string, RunHistory>()
  readonly commits: CommitSeen[] = []
  readonly comeback = new Comeback()
  /** Every reading the wall clock ever showed while something could act on it. */
  readonly walls: number[] = []
  /** Openings so far, and the clocks at the newest. */
  opened = { count: 0, wall: 0, elapsed: 0 }
  /** The steps whose bodies were called, by run and step. */
  readonly calls = new Map<string, StepNode>()
  readonly events = new EventBook(this)
  /** Told of each run that is removed. */
  onRemoved: (run: string) => void = () => {}
  plan: Plan | undefined

  constructor(rows: ReadonlyMap<string, Uint8Array>, clock: VirtualClock) {
    this.rows = rows
    this.clock = clock
  }

  /** A new engine is about to open. */
  opening(): void {
    const { count } = this.opened
    this.events.seen.clear()
    this.opened = {
      count: count + 1,
      wall: this.clock.wall(),
      elapsed: this.clock.elapsed(),
    }
  }

  /** A write has reached the disk. */
  take(write: DiskWrite): void {
    if (write.puts.has(keys.meta) && write.puts.size === 1) return
    const seen = this.#open(write)
    this.commits.push(seen)
    const isOpening = seen.before?.opening !== seen.opening
    this.comeback.see(write, isOpening, this.clock.elapsed())
    const changes = new Map<StoredRecord, readonly Change[]>()
    for (const record of seen.records) {
      this.#takeRecord(record, seen)
      changes.set(record, this.run(record.run)?.ledger.changes ?? [])
    }
    for (const run of seen.commit.removed ?? []) this.#remove(run, seen)
    judge(commitLaws, seen)
    if (this.isPlanned) this.events.take(seen, changes)
  }

  get retention(): number | 'forever' {
    return this.plan?.retention ?? 'forever'
  }

  get isWatched(): boolean {
    return this.plan?.watcher ?? false
  }

  /** What starts runs of which workflow. */
  get listeningWorkflows(): { workflow: string; triggers: readonly TriggerSpec[] }[] {
    const programs = this.plan?.programs ?? []
    return programs.map(({ triggers = [] }, at) => ({ workflow: `w${at}`, triggers }))
  }

  /** What holds up the runs of a workflow. */
  flowOf(workflow: string): FlowSpec | undefined {
    return this.#programOf(workflow)?.flow
  }

  isHandled(workflow: string): boolean {
    return this.#programOf(workflow)?.handlers ?? false
  }

  cancelOf(run: string): readonly CancelSpec[] {
    return this.#programOf(this.run(run)?.ledger.workflow ?? '')?.cancelOn ?? []
  }

  /** What a run was started with. */
  factsOf(run: string): { readonly k?: unknown } | undefined {
    const first = this.run(run)?.records[0]?.entries[0]
    return first?.type === 'run.scheduled'
      ? (decodeValue(first.data) as { k?: unknown })
      : undefined
  }

  /** Workflows whose runs are meant to be parked. */
  get outlaws(): ReadonlySet<string> {
    const programs = this.plan?.programs ?? []
    return new Set(programs.flatMap((program, at) => (isOutlaw(program) ? `w${at}` : [])))
  }

  // What is known of events is known from a plan.
  get isPlanned(): boolean {
    return (this.plan?.programs.length ?? 0) > 0
  }

  #programOf(workflow: string) {
    const at = /^w(\d+)$/.exec(workflow)?.[1]
    return at === undefined ? undefined : this.plan?.programs[Number(at)]
  }

  #remove(run: string, seen: CommitSeen): void {
    const of = this.run(run)
    if (of === undefined) throw new LawBroken('only runs that have ended are removed', run)
    if (this.isPlanned) judge(removalLaws, { run, of, commit: seen, history: this })
    this.runs.delete(run)
    this.events.forget(run)
    for (const key of this.calls.keys()) if (key.startsWith(`${run} `)) this.calls.delete(key)
    this.onRemoved(run)
  }

  run(id: string): RunHistory | undefined {
    return this.runs.get(id)
  }

  #open(write: DiskWrite): CommitSeen {
    const rows = [...write.puts.keys()].filter(key => key.startsWith('c!'))
    const [key] = rows
    const row = key && write.puts.get(key)
    if (key === undefined || !row || rows.length !== 1) {
      throw new LawBroken('every write is one commit', `it holds ${rows.length} commit rows`)
    }
    const commit: Commit = openCommit(key, row)
    const records = commit.records.map(([run, seq]) => {
      const at = keys.record(run, seq)
      const value = write.puts.get(at)
      if (value === undefined) throw new LawBroken('a commit holds what it lists', at)
      return openRecord(at, value)
    })
    const before = this.commits.at(-1)
    const { epoch } = unseal(key, row)
    const opening = this.opened.count
    return { write, key, row, commit, epoch, opening, records, before, history: this }
  }

  #takeRecord(record: StoredRecord, commit: CommitSeen): void {
    const run = this.#historyOf(record.run, commit.commit.commit)
    const { ledger } = run
    const link = run.records.at(-1)?.check ?? 0
    if (record.seq !== ledger.seq || record.link !== link) {
      const fault = `${record.run}!${record.seq} follows ${ledger.seq}, link ${record.link}/${link}`
      throw new LawBroken('the records of a run are dense and linked', fault)
    }
    beginRecord(ledger, record)
    for (const [place, entry] of record.entries.entries()) {
      const seen: EntrySeen = { entry, place, record, run, history: this, commit }
      judge(entryLaws, seen)
      this.#note(run, entry)
    }
    ledger.link = record.check
    run.records.push(record)
  }

  #note(run: RunHistory, entry: Entry): void {
    const { ledger, timers, ids, succeeded } = run
    const seq = ledger.seq
    if ('id' in entry) ids.set(seq, entry.id)
    if (entry.type === 'step.succeeded') succeeded.add(ids.get(entry.of) ?? '')
    if (isLast(entry)) run.answered.add(entry.of)
    const changes = ledger.changes.length
    try {
      note(ledger, entry)
    } catch (error) {
      throw new LawBroken('every entry follows from those before it', String(error))
    }
    for (const { op, what } of ledger.changes.slice(changes)) {
      if (op === 'closed') timers.delete(what.seq)
      else if (what.kind !== 'step') {
        timers.set(what.seq, { readings: this.walls.length, elapsed: this.clock.elapsed() })
      }
    }
  }

  #historyOf(id: string, since: number): RunHistory {
    let run = this.runs.get(id)
    if (run === undefined) {
      run = {
        ledger: emptyLedger(id),
        since,
        records: [],
        timers: new Map(),
        answered: new Set(),
        succeeded: new Set(),
        ids: new Map(),
      }
      this.runs.set(id, run)
    }
    return run
  }
}
