import { decodeValue } from '../../journal/codec/decode.ts'
import type { Listener } from '../../journal/entry.ts'
import type { EngineError } from '../define/error.ts'
import { type Program, ProgramCache } from '../define/expression/program.ts'
import type { Condition } from './condition.ts'
import { MatchIndex } from './match-index.ts'

/** An event as expressions see it. */
export interface EventView {
  readonly name: string
  readonly data: unknown
  readonly id: string
  readonly ts: number
  readonly v?: string
}

/** Something of a run that listens for an event. */
export interface Target {
  readonly run: string
  readonly seq: number
  readonly kind: 'wait' | 'cancel'
  readonly key: string
}

interface Heard extends Target {
  readonly event: string
  readonly until: number | undefined
  readonly condition: HeardCondition | undefined
}

interface HeardCondition extends Condition {
  readonly program: Program
}

/** Every open wait and cancellation of all runs, in memory or not: found by event. */
export class Listeners {
  readonly #index = new MatchIndex<Heard>()
  // One, as nearly always, or several.
  readonly #byRun = new Map<string, Heard | Heard[]>()
  readonly #programs = new ProgramCache()

  /** Adds what a wait or a cancellation listens for. What is there already is left as it is. */
  add(run: string, seq: number, kind: Target['kind'], on: readonly Listener[]): void {
    if (this.#heardBy(run).some(heard => heard.seq === seq)) return
    for (const { key, event, program, literals, until } of on) {
      const condition =
        program === undefined
          ? undefined
          : {
              program: this.#programs.open(program),
              literals: literals === undefined ? [] : (decodeValue(literals) as unknown[]),
            }
      const heard = { run, seq, kind, key, event, until, condition }
      this.#index.add(event, condition, heard)
      this.#keep(run, heard)
    }
  }

  /** Whether there was any. */
  remove(run: string, seq: number): boolean {
    const all = this.#heardBy(run)
    const rest = all.filter(heard => heard.seq !== seq)
    if (rest.length === all.length) return false
    for (const heard of all) {
      if (heard.seq === seq) this.#index.remove(heard.event, heard.condition, heard)
    }
    if (rest.length === 0) this.#byRun.delete(run)
    else this.#byRun.set(run, rest.length === 1 && rest[0] !== undefined ? rest[0] : rest)
    return true
  }

  /** Removes all of a kind that a run listens for. */
  removeAll(run: string, kind: Target['kind']): void {
    for (const heard of this.#heardBy(run)) if (heard.kind === kind) this.remove(run, heard.seq)
  }

  /** Whether anybody listens for events of this name. */
  has(event: string): boolean {
    return this.#index.has(event)
  }

  /** Who listens for this event, in the order in which they began to. */
  hear(
    event: EventView,
    now: number,
    failed: (target: Target, error: EngineError) => void,
  ): Target[] {
    return this.#index.candidates(event.name, event).filter(heard => {
      if (heard.until !== undefined && heard.until <= now) return false
      const { condition } = heard
      if (condition === undefined) return true
      try {
        return condition.program.holds(condition.literals, event, now)
      } catch (error) {
        failed(heard, error as EngineError)
        return false
      }
    })
  }

  get size(): number {
    return this.#index.size
  }

  #heardBy(run: string): readonly Heard[] {
    const heard = this.#byRun.get(run)
    return heard === undefined ? [] : [heard].flat()
  }

  #keep(run: string, heard: Heard): void {
    const before = this.#byRun.get(run)
    if (before === undefined) this.#byRun.set(run, heard)
    else if (Array.isArray(before)) before.push(heard)
    else this.#byRun.set(run, [before, heard])
  }
}
