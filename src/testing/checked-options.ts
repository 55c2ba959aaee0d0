import type { AnyWorkflow } from '../define/workflow.ts'
import { type EngineOptions, type EngineSettings, settingsOf } from '../engine/options.ts'

/** What each opening has of its own, and needs no check. */
type Own = Required<Pick<EngineOptions, 'path' | 'store' | 'clock' | 'ids'>>

/** Options of engines that are opened again and again with the same workflows, checked once. */
export class CheckedOptions {
  #workflows: readonly AnyWorkflow[] = []
  #settings: EngineSettings | undefined

  /**
   * Beside `workflows` and `bodies`, what is given must be the same every time. Throws
   * DEFINITION_INVALID and WORKFLOW_DUPLICATE.
   */
  of(given: Omit<EngineOptions, keyof Own>, own: Own): EngineSettings {
    const { workflows, bodies } = given
    if (this.#settings === undefined || !areSame(workflows, this.#workflows)) {
      this.#settings = settingsOf({ retention: 'forever', ...given, ...own })
      this.#workflows = [...workflows]
    }
    const { store, clock, ids } = own
    return { ...this.#settings, store, clock, ids, bodies }
  }
}

const areSame = (some: readonly AnyWorkflow[], others: readonly AnyWorkflow[]): boolean =>
  some.length === others.length && some.every((workflow, at) => workflow === others[at])
