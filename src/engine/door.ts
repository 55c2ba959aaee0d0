import type { Input } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import { EngineError } from '../define/error.ts'
import type { Parts } from './parts.ts'

/** What every request passes: is the engine open, is there such a run, may it be asked for this. */
export class Door {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  mustTakeRequests(): void {
    if (this.#parts.leaving !== undefined) throw this.#parts.leaving
  }

  mustBeOpen(): void {
    if (this.#parts.closed !== undefined) throw this.#parts.closed
  }

  /** The head of a run, if there is such a run. */
  async findHead(id: string): Promise<Head | undefined> {
    this.mustBeOpen()
    try {
      return await this.#parts.journal.head(id)
    } catch (error) {
      // A close may overtake a read that is under way.
      this.mustBeOpen()
      throw error
    }
  }

  async headOf(id: string): Promise<Head> {
    const head = await this.findHead(id)
    if (head !== undefined) return head
    throw new EngineError('RUN_NOT_FOUND', `There is no run ${JSON.stringify(id)}.`, {
      hint: 'Look at the id; runs are removed a while after they ended (option `retention`).',
      facts: { run: id },
    })
  }

  /** Gives an input to a run. Resolves when it is durable. */
  async ask(id: string, input: Input, needs?: RunStatus): Promise<void> {
    this.mustTakeRequests()
    const { status } = await this.headOf(id)
    const damage = this.#parts.damaged.get(id)
    if (damage !== undefined) throw damage
    if (needs !== undefined && status !== needs) throw wrongStatus(id, status, needs)
    await this.#parts.postman.post(id, input)
  }
}

export const wrongStatus = (run: string, status: RunStatus, needs: string): EngineError =>
  new EngineError('RUN_STATUS', `Run ${run} is ${status}, not ${needs}.`, {
    hint: `Only a run that is ${needs} can be asked for this.`,
    facts: { run, status, needs },
  })
