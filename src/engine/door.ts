import type { Input } from '../../journal/entry.ts'
import { noSuchRun, outOfCall } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import { isFinal, type RunStatus } from '../../journal/lifecycle.ts'
import { EngineError } from '../define/error.ts'
import type { Parts } from './parts.ts'

/** What every request passes: is the engine open, is there such a run, may it be asked for this. */
export class Door {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  mustTakeRequests(): void {
    if (this.#parts.leaving !== undefined) throw outOfCall(this.#parts.leaving.error)
  }

  mustBeOpen(): void {
    if (this.#parts.closed !== undefined) throw outOfCall(this.#parts.closed.error)
  }

  /** The head of a run, if there is such a run. */
  async findHead(id: string): Promise<Head | undefined> {
    this.mustBeOpen()
    try {
      const head = await this.#parts.journal.head(id)
      return head && this.seen(head)
    } catch (error) {
      // A close may overtake a read that is under way.
      this.mustBeOpen()
      throw error
    }
  }

  /**
   * A head as it is told: a run whose records are damaged is left alone, as a parked one is. One that
   * waits to be given its workflow goes on with it, even if it has not got that far since the opening.
   */
  seen(head: Head): Head {
    if (isFinal(head.status)) return head
    const { damaged, settings } = this.#parts
    if (damaged.has(head.run)) return { ...head, status: 'parked' }
    if (!isKnownAgain(head, settings.workflows)) return head
    const { parkedFor: _, ...goesOn } = head
    return { ...goesOn, status: 'running' }
  }

  async headOf(id: string): Promise<Head> {
    const head = await this.findHead(id)
    if (head !== undefined) return head
    throw noSuchRun(id)
  }

  /** The last of the runs that continue a run: itself, if it did not continue as another one. */
  async lastOf(id: string): Promise<Head> {
    let head = await this.headOf(id)
    // What became a part of another run cannot be asked for alone, nor for all of it.
    while (head.continuedAs !== undefined && head.skippedFor === undefined) {
      head = await this.headOf(head.continuedAs)
    }
    return head
  }

  /** Gives an input to a run, or to the last one that continues it. Resolves when it is durable. */
  async ask(id: string, input: Input, needs?: RunStatus): Promise<void> {
    this.mustTakeRequests()
    const { run, status } = await this.lastOf(id)
    const damage = this.#parts.damaged.get(run)
    if (damage !== undefined) throw damage
    if (needs !== undefined && status !== needs) throw wrongStatus(run, status, needs)
    await this.#parts.postman.post(run, input)
    // What was held has gone on with this, whatever became of it since.
    if (needs === 'paused' || needs === 'parked') return
    // It may have continued as another one before the input had its turn.
    const now = this.#parts.closed === undefined ? await this.findHead(run) : undefined
    if (now?.continuedAs !== undefined && now.skippedFor === undefined)
      await this.ask(now.continuedAs, input, needs)
  }
}

/** Whether a run was parked for want of a workflow that there is now. */
export const isKnownAgain = (
  { status, parkedFor, workflow }: Head,
  workflows: ReadonlyMap<string, unknown>,
): boolean => status === 'parked' && parkedFor === 'WORKFLOW_UNKNOWN' && workflows.has(workflow)

export const wrongStatus = (run: string, status: RunStatus, needs: string): EngineError =>
  new EngineError('RUN_STATUS', `Run ${run} is ${status}, not ${needs}.`, {
    hint: `Only a run that is ${needs} can be asked for this.`,
    facts: { run, status, needs },
  })
