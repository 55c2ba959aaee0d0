import { AsyncLocalStorage } from 'node:async_hooks'
import { isDeepStrictEqual } from 'node:util'
import { emptyLedger, isHeld, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { silentLogger } from '../../src/define/logger.ts'
import type { AnyWorkflow } from '../../src/define/workflow.ts'
import { codeHost } from '../../src/engine/code-host.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { Expressions } from '../../src/router/folding.ts'
import type { LiveCode } from '../../src/run/code.ts'
import { type CodeHost, replay } from '../../src/run/replay.ts'
import type { History, RunHistory } from './history.ts'
import { LawBroken } from './law.ts'
import { type Trail, trailed } from './trail.ts'

const LAW = 'a run replayed from its records is as it lives'

export interface MirrorOptions {
  readonly history: History
  readonly clock: Clock
  /** Whether the code of a workflow does the same each time. */
  isSteady(workflow: string): boolean
}

interface Watched {
  readonly engine: unknown
  readonly witness: { readonly failedAfter: number | undefined }
}

/**
 * Replays each run from its records, as they were after each of its turns, and compares what it comes
 * to with what it is: the calls that are open, and all that its code has called and got.
 */
export class Mirror {
  readonly #options: MirrorOptions
  readonly #host: CodeHost
  #workflows: readonly AnyWorkflow[] = []
  /** Of the code that lives, or that was the last to. */
  readonly #live = new Map<string, Trail>()
  readonly #checked = new Map<RunHistory, number>()
  /** Set while it replays: what the code does now it does again. */
  isAtWork = false
  replays = 0

  constructor(options: MirrorOptions) {
    this.#options = options
    const values = { bytes: 1 << 24 }
    const expressions = new Expressions()
    const listening = {
      values,
      workflow: (id: string) => this.#workflows.find(each => each.id === id),
      listener: (...what: Parameters<Expressions['listener']>) => expressions.listener(...what),
    }
    const ignore = (): void => {}
    this.#host = codeHost(new AsyncLocalStorage(), options.clock, silentLogger, listening, ignore)
  }

  /** The workflows of a new life, to be opened in their place. */
  watch<Any extends AnyWorkflow>(workflows: readonly Any[]): Any[] {
    this.#workflows = workflows
    this.#live.clear()
    return workflows.map(
      of =>
        trailed(of, run => {
          const trail: Trail = []
          this.#live.set(run, trail)
          return trail
        }) as Any,
    )
  }

  /** The engine is gone: what lived was ahead of the disk, perhaps. */
  forget(): void {
    this.#live.clear()
  }

  /** To be called at rest. Gives what differs. */
  async check({ engine, witness }: Watched): Promise<LawBroken | undefined> {
    // What a failed write was to record has happened in memory only.
    if (engine === undefined || witness.failedAfter !== undefined) return undefined
    this.isAtWork = true
    try {
      for (const [run, of] of this.#options.history.runs) await this.#checkRun(run, of)
      return undefined
    } catch (error) {
      if (error instanceof LawBroken) return error
      throw error
    } finally {
      this.isAtWork = false
    }
  }

  async #checkRun(run: string, of: RunHistory): Promise<void> {
    const { records, ledger } = of
    const workflow = this.#workflows.find(({ id }) => id === ledger.workflow)
    if (workflow === undefined || !this.#options.isSteady(workflow.id)) return
    const from = this.#checked.get(of) ?? 0
    this.#checked.set(of, records.length)
    const before = emptyLedger(run)
    for (const [at, record] of records.entries()) {
      const isNew = at >= from
      const isNewest = at === records.length - 1 && !isFinal(ledger.status)
      const wasHeld = isHeld(before) || !before.started
      const hadEnded = isFinal(before.status)
      noteRecord(before, record)
      if (!isNew || !before.started || isHeld(before) || hadEnded) continue
      const part = records.slice(0, at + 1)
      const trail = isFinal(before.status)
        ? wasHeld
          ? undefined
          : await this.#ending(run, workflow, part)
        : await this.#rest(run, workflow, part, before)
      if (trail !== undefined) this.#compare(run, record, trail, isNewest)
    }
  }

  /** Where the code rests after these records. */
  async #rest(
    run: string,
    workflow: AnyWorkflow,
    records: readonly StoredRecord[],
    ledger: Ledger,
  ): Promise<Trail> {
    const [code, trail] = await this.#replay(run, workflow, records)
    if (code.hasNews) throw differs(run, ledger, 'it asks for more')
    for (let seq = 0; seq < ledger.seq; seq++) {
      const open = ledger.open.get(seq)
      const awaits = open !== undefined && AWAITED.has(open.kind)
      if ((code.awaited(seq) !== undefined) === awaits) continue
      throw differs(
        run,
        ledger,
        `${seq} is ${awaits ? '' : 'not '}open, in the replay it is not so`,
      )
    }
    return trail
  }

  /** What the code has done once the last of the records has ended it, if its input did. */
  async #ending(
    run: string,
    workflow: AnyWorkflow,
    records: readonly StoredRecord[],
  ): Promise<Trail | undefined> {
    const last = records.at(-1)
    const [input] = last?.entries ?? []
    if (last === undefined || input === undefined || records.length < 2) return undefined
    const [code, trail] = await this.#replay(run, workflow, records.slice(0, -1))
    code.deliver(input, last)
    await this.#host.rest()
    return code.ending === undefined ? undefined : trail
  }

  async #replay(
    run: string,
    workflow: AnyWorkflow,
    records: readonly StoredRecord[],
  ): Promise<[LiveCode, Trail]> {
    this.replays++
    let trail: Trail = []
    const begin = (): Trail => (trail = [])
    const code = await replay(run, trailed(workflow, begin), records, this.#host)
    const { divergence } = code
    if (divergence === undefined) return [code, trail]
    throw new LawBroken(LAW, `${run}, ${records.length} records: ${JSON.stringify(divergence)}`)
  }

  #compare(run: string, { seq }: StoredRecord, trail: Trail, isNewest: boolean): void {
    const live = this.#live.get(run)
    if (live === undefined) return
    const part = isNewest ? live : live.slice(0, trail.length)
    if (isDeepStrictEqual(trail, part)) return
    const at = trail.findIndex((what, at) => what !== live[at])
    const place = at < 0 ? trail.length : at
    throw new LawBroken(LAW, `${run}!${seq}: ${trail[place]}, but it lives with ${live[place]}`)
  }
}

const AWAITED: ReadonlySet<string> = new Set(['step', 'step-backoff', 'sleep', 'wait', 'child'])

const differs = (run: string, { seq }: Ledger, what: string): LawBroken =>
  new LawBroken(LAW, `${run}, ${seq} entries: ${what}`)
