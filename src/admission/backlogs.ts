import type { Crowd } from './crowds.ts'
import type { Gatherers } from './gatherers.ts'
import type { Lobby } from './lobby.ts'
import type { Rulebook } from './rulebook.ts'

/** How much may wait to begin. */
export class Backlogs {
  readonly #all: Crowd
  readonly #rules: Rulebook
  readonly #lobby: Lobby
  readonly #gatherers: Gatherers

  /** `all`: of all workflows together. */
  constructor(all: Crowd, rules: Rulebook, lobby: Lobby, gatherers: Gatherers) {
    this.#all = all
    this.#rules = rules
    this.#lobby = lobby
    this.#gatherers = gatherers
  }

  /** Whether so much more of a workflow, or less, is too much. */
  isOver(workflow: string, more: Crowd): boolean {
    return exceeds(this.#lobby.crowd(), more, this.#all) || this.#exceedsOwn(workflow, more)
  }

  /** Whether whoever asks for so much more of a workflow is to be told that it is too much. */
  refuses(workflow: string, more: Crowd): boolean {
    return this.#rules.backlogs.get(workflow)?.full === 'refuse' && this.#exceedsOwn(workflow, more)
  }

  /** Whether so much more is too much for the engine, of whatever workflows. */
  isFull(more: Crowd): boolean {
    return exceeds(this.#lobby.crowd(), more, this.#all)
  }

  /** Whether what so many events start, of each of so many workflows, could be too much. */
  isTight({ runs, bytes }: Crowd, workflows: number): boolean {
    // Each starts one, and may start one that gathers besides: it was too large for that.
    const more = { runs: runs + Math.min(runs, this.#gatherers.size), bytes }
    const all = { runs: workflows * more.runs, bytes: workflows * more.bytes }
    if (this.isFull(all)) return true
    for (const [workflow, { full }] of this.#rules.backlogs) {
      if (full === 'refuse' && this.#exceedsOwn(workflow, more)) return true
    }
    return false
  }

  #exceedsOwn(workflow: string, more: Crowd): boolean {
    const own = this.#rules.backlogs.get(workflow)
    return own !== undefined && exceeds(this.#lobby.crowd(workflow), more, own)
  }
}

/** Where there is too much already, what adds nothing to it is not too much. */
const exceeds = (
  { runs, bytes }: Crowd,
  more: Crowd,
  most: { readonly runs?: number; readonly bytes?: number },
): boolean =>
  (more.runs > 0 && runs + more.runs > (most.runs ?? Number.POSITIVE_INFINITY)) ||
  (more.bytes > 0 && bytes + more.bytes > (most.bytes ?? Number.POSITIVE_INFINITY))
