import { JournalError } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { ParkingCode } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { admit } from '../run/admit.ts'
import type { LiveCode } from '../run/code.ts'
import { type CodeHost, replay } from '../run/replay.ts'
import { type Mail, Run } from '../run/run.ts'
import { Gate } from './gate.ts'
import { isIdle, needsCode, wakesSoon } from './idle.ts'

export interface ResidentsHost {
  readonly code: CodeHost
  readonly journal: Journal
  readonly workflows: ReadonlyMap<string, AnyWorkflow>
  /** How many runs that only wait may stay in memory. */
  readonly most: number
  now(): { readonly wall: number; readonly elapsed: number }
  /** The run's code is back: what is open has to be in flight, and its inputs have their turn. */
  revived(run: Run): void
  park(run: Run, code: ParkingCode, report: unknown): void
  /** Resolves when the run may come to life, `false` if it may not; nothing: at once. */
  admit(run: string): Promise<boolean> | undefined
  /** The run has ended: there is nothing to bring back. */
  over(run: string): undefined
  /** Why the run is to be parked as it is, if it is. */
  aside(run: Run): { readonly code: ParkingCode; readonly report: unknown } | undefined
  /** What waits in the inbox of a run that comes into memory. */
  mail(run: string): readonly Mail[]
  deliver(run: Run, mail: Mail): void
  /** A run leaves memory with something in it that it was to gather. */
  keep(run: string, mail: Mail): void
  /** The run could not be read. */
  unreadable(run: string, error: unknown): void
}

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

  /** Resolves when the run may come to life, `false` if it may not; nothing: at once. */
  admit(id: string): Promise<boolean> | undefined {
    return this.#host.admit(id)
  }

  add(run: Run): void {
    this.#runs.set(run.id, run)
    const admitted = this.#host.admit(run.id)
    if (admitted !== undefined) void this.#hold(run, admitted)
    for (const mail of this.#host.mail(run.id)) this.#host.deliver(run, mail)
    if (this.#runs.size > this.#host.most) this.#makeRoom()
  }

  /** The run, in memory from now on; `undefined` if there is none, or it has ended. */
  async load(id: string): Promise<Run | undefined> {
    // A run that is being loaded is in memory before its code is back: wait for that.
    const loading = this.#loading.get(id)
    if (loading !== undefined) return loading
    const run = this.#runs.get(id)
    if (run !== undefined) return run
    const begun = this.#reach(id)
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
    const isOver = isIdle(run) && (isFinal(run.ledger.status) || !this.#wakesSoon(run))
    if (isOver) this.#leave(run)
    else this.#touch(run)
  }

  async #reach(id: string): Promise<Run | undefined> {
    if ((await this.#host.admit(id)) === false) return undefined
    return this.#gate.pass(() => this.#read(id))
  }

  // A new run is in memory before it may come to life.
  async #hold(run: Run, admitted: Promise<boolean>): Promise<void> {
    run.reviving = true
    if (!(await admitted)) return
    run.reviving = false
    this.#host.revived(run)
    this.release(run)
  }

  async #read(id: string): Promise<Run | undefined> {
    // Who came with something for the run must not find it forgotten.
    const unreadable = (error: unknown): undefined => void this.#host.unreadable(id, error)
    const head = await this.#host.journal.head(id).catch(unreadable)
    if (head === undefined || isFinal(head.status)) return this.#host.over(id)
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
      const aside = this.#host.aside(run)
      if (aside !== undefined) this.#host.park(run, aside.code, aside.report)
      else if (needsCode(run)) await this.#replay(run, records)
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
      return this.#host.park(run, 'WORKFLOW_UNKNOWN', { workflow: run.ledger.workflow })
    }
    const [first] = run.inbox
    // A time that is over ends the run, as the request that is recorded in its place.
    const lifting = first && admit(run.ledger, first, run.workflow)
    let code: LiveCode
    try {
      code = await replay(run.id, run.workflow, records, this.#host.code, lifting)
    } catch (error) {
      if (error instanceof JournalError) throw error
      return this.#host.park(run, 'ENGINE_DEFECT', error)
    }
    if (code.divergence === undefined) run.code = code
    else this.#host.park(run, 'NON_DETERMINISTIC', code.divergence)
  }

  // While there is plenty of room nobody has to leave.
  #touch(run: Run): void {
    if (this.#runs.size < this.#host.most / 2) return
    this.#runs.delete(run.id)
    this.#runs.set(run.id, run)
  }

  #makeRoom(): void {
    let glances = 0
    for (const run of this.#runs.values()) {
      if (this.#runs.size <= this.#host.most || glances++ > GLANCE) return
      if (isIdle(run)) this.#leave(run)
    }
  }

  #leave(run: Run): void {
    this.#runs.delete(run.id)
    for (const mail of run.gathered.splice(0)) this.#host.keep(run.id, mail)
  }

  // As long as there is room.
  #wakesSoon(run: Run): boolean {
    return this.#runs.size <= this.#host.most && wakesSoon(run, this.#host.now())
  }
}
