import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { isHeld, isPassive } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { LiveCode } from '../run/code.ts'
import { type CodeHost, replay } from '../run/replay.ts'
import { Run } from '../run/run.ts'
import { Gate } from './gate.ts'

export interface ResidentsHost extends CodeHost {
  readonly journal: Journal
  readonly workflows: ReadonlyMap<string, AnyWorkflow>
  /** How many runs that only wait may stay in memory. */
  readonly most: number
  now(): { readonly wall: number; readonly elapsed: number }
  /** The run's code is back: what is open has to be in flight, and its inputs have their turn. */
  revived(run: Run): void
  park(run: Run, code: string, report: unknown): void
  /** The run could not be read. */
  unreadable(run: string, error: unknown): void
}

/** A run that wakes this soon is kept in memory. */
const SOON = 5_000
/** Runs that are read at the same time. */
const READS = 32
/** Runs looked at to find one that can leave. */
const GLANCE = 64

/** The runs in memory. Others are brought back from the journal when something happens to them. */
export class Residents {
  readonly #host: ResidentsHost
  // In the order they were last used: the first is the first to leave.
  readonly #runs = new Map<string, Run>()
  readonly #loading = new Map<string, Promise<Run | undefined>>()
  readonly #gate = new Gate(READS)

  constructor(host: ResidentsHost) {
    this.#host = host
  }

  get size(): number {
    return this.#runs.size
  }

  get(id: string): Run | undefined {
    return this.#runs.get(id)
  }

  add(run: Run): void {
    this.#runs.set(run.id, run)
    if (this.#runs.size > this.#host.most) this.#makeRoom()
  }

  /** The run, in memory from now on; `undefined` if there is none, or it has ended. */
  async load(id: string): Promise<Run | undefined> {
    // A run that is being loaded is in memory before its code is back: wait for that.
    const loading = this.#loading.get(id)
    if (loading !== undefined) return loading
    const run = this.#runs.get(id)
    if (run !== undefined) return run
    const begun = this.#gate.pass(() => this.#read(id))
    this.#loading.set(id, begun)
    try {
      return await begun
    } finally {
      this.#loading.delete(id)
    }
  }

  /** The run is removed from the journal. */
  forget(id: string): void {
    const run = this.#runs.get(id)
    if (run === undefined) return
    run.gone = true
    this.#runs.delete(id)
  }

  /** Brings the code of a run back that is in memory without it. */
  async revive(run: Run): Promise<void> {
    run.reviving = true
    try {
      await run.durable
      const head = await this.#host.journal.head(run.id)
      if (head === undefined) throw new Error(`run ${run.id} has no head`)
      const records = await this.#gate.pass(() => this.#records(head))
      await this.#replay(run, records)
    } catch (error) {
      this.#host.unreadable(run.id, error)
    } finally {
      run.reviving = false
    }
    this.#host.revived(run)
  }

  /** Lets a run leave memory if nothing will happen to it soon. */
  release(run: Run): void {
    if (this.#runs.get(run.id) !== run) return
    if (!isIdle(run)) {
      this.#touch(run)
    } else if (isFinal(run.ledger.status) || !this.#wakesSoon(run)) {
      this.#runs.delete(run.id)
    } else {
      this.#touch(run)
    }
  }

  async #read(id: string): Promise<Run | undefined> {
    const head = await this.#host.journal.head(id)
    if (head === undefined || isFinal(head.status)) return undefined
    const run = new Run(id, this.#host.workflows.get(head.workflow))
    run.reviving = true
    try {
      const records = await this.#records(head)
      const other = this.#runs.get(id)
      if (other !== undefined) return other
      for (const record of records) {
        run.note(record)
        run.evolve(record)
      }
      run.ledger.link = head.link
      this.add(run)
      if (needsCode(run)) await this.#replay(run, records)
    } catch (error) {
      this.#runs.delete(id)
      this.#host.unreadable(id, error)
      return undefined
    } finally {
      run.reviving = false
    }
    this.#host.revived(run)
    return run
  }

  async #records(head: Head): Promise<StoredRecord[]> {
    const records: StoredRecord[] = []
    for await (const record of this.#host.journal.records(head)) records.push(record)
    return records
  }

  async #replay(run: Run, records: readonly StoredRecord[]): Promise<void> {
    if (run.workflow === undefined) {
      const { workflow } = run.ledger
      this.#host.park(run, 'WORKFLOW_UNKNOWN', { workflow })
      return
    }
    const code: LiveCode = await replay(
      run.id,
      run.workflow,
      records,
      this.#host,
      run.inbox[0]?.input,
    )
    if (code.divergence === undefined) run.code = code
    else this.#host.park(run, 'NON_DETERMINISTIC', code.divergence)
  }

  #touch(run: Run): void {
    this.#runs.delete(run.id)
    this.#runs.set(run.id, run)
  }

  #makeRoom(): void {
    let glances = 0
    for (const run of this.#runs.values()) {
      if (this.#runs.size <= this.#host.most || glances++ > GLANCE) return
      if (isIdle(run)) this.#runs.delete(run.id)
    }
  }

  #wakesSoon(run: Run): boolean {
    if (this.#runs.size > this.#host.most) return false
    const now = this.#host.now()
    for (const open of run.ledger.open.values()) {
      if (open.kind !== 'step' && open.due - now[open.clock] < SOON) return true
    }
    return false
  }
}

// A run of an unknown workflow is parked where others are replayed, begun or not.
const needsCode = ({ ledger, workflow }: Run): boolean =>
  !isHeld(ledger) && (ledger.started || workflow === undefined)

// Code that rests without anything open awaits a promise of its own: it cannot be brought back.
const isIdle = (run: Run): boolean =>
  isPassive(run.ledger) &&
  run.inbox.length === 0 &&
  run.attempts.size === 0 &&
  run.underWay === 0 &&
  !run.reviving
