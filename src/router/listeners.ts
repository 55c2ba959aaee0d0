import { decodeValue } from '../../journal/codec/decode.ts'
import type { Listener } from '../../journal/entry.ts'
import type { EngineError } from '../define/error.ts'
import { type Program, ProgramCache } from '../define/expression/program.ts'
import type { Condition } from './condition.ts'
import { type Manner, Manners } from './manners.ts'
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
export interface Target extends Pick<Manner, 'kind' | 'key'> {
  readonly run: string
  readonly seq: number
}

const NO_LITERALS: readonly unknown[] = []

/**
 * A target, what it listens for, and its own condition: one object without parts of its own, as there
 * may be a million.
 */
class Heard {
  readonly run: string
  readonly seq: number
  readonly until: number | undefined
  readonly manner: Manner
  /** The only literal, as nearly always, or a list of them. */
  readonly #literals: unknown

  constructor(run: string, seq: number, manner: Manner, { until, literals }: Listener) {
    this.run = run
    this.seq = seq
    this.until = until
    this.manner = manner
    const all = literals === undefined ? NO_LITERALS : (decodeValue(literals) as unknown[])
    const isPlain = all.length === 1 && !Array.isArray(all[0])
    this.#literals = isPlain ? all[0] : all
  }

  get program(): Program | undefined {
    return this.manner.program
  }

  get literals(): readonly unknown[] {
    return Array.isArray(this.#literals) ? this.#literals : [this.#literals]
  }

  get target(): Target {
    const { kind, key } = this.manner
    return { run: this.run, seq: this.seq, kind, key }
  }
}

const conditionOf = (heard: Heard): Condition | undefined =>
  isConditional(heard) ? heard : undefined

const isConditional = (heard: Heard): heard is Heard & { readonly program: Program } =>
  heard.program !== undefined

/** Every open wait and cancellation of all runs, in memory or not: found by event. */
export class Listeners {
  readonly #index = new MatchIndex<Heard>()
  // One, as nearly always, or several.
  readonly #byRun = new Map<string, Heard | Heard[]>()
  readonly #programs = new ProgramCache()
  readonly #manners = new Manners()

  // One text for all that a run listens for, and what it was cut from or put together of is let go.
  #idOf(run: string): string {
    return this.#heardBy(run)[0]?.run ?? Buffer.from(run).toString()
  }

  /** Adds what a wait or a cancellation listens for. What is there already is left as it is. */
  add(run: string, seq: number, kind: Target['kind'], on: readonly Listener[]): void {
    if (this.#heardBy(run).some(heard => heard.seq === seq)) return
    const id = this.#idOf(run)
    for (const listener of on) {
      const { event, key, program: text } = listener
      const program = text === undefined ? undefined : this.#programs.open(text)
      const heard = new Heard(id, seq, this.#manners.of({ kind, event, key, program }), listener)
      this.#index.add(heard.manner.event, conditionOf(heard), heard)
      this.#keep(id, heard)
    }
  }

  /** Whether there was any. */
  remove(run: string, seq: number): boolean {
    const all = this.#heardBy(run)
    const rest = all.filter(heard => heard.seq !== seq)
    if (rest.length === all.length) return false
    for (const heard of all) {
      if (heard.seq === seq) this.#index.remove(heard.manner.event, conditionOf(heard), heard)
    }
    if (rest.length === 0) this.#byRun.delete(run)
    else this.#byRun.set(run, rest.length === 1 && rest[0] !== undefined ? rest[0] : rest)
    return true
  }

  /** Removes all of a kind that a run listens for. */
  removeAll(run: string, kind: Target['kind']): void {
    for (const heard of this.#heardBy(run))
      if (heard.manner.kind === kind) this.remove(run, heard.seq)
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
    const isMeant = (heard: Heard): boolean => {
      if (heard.until !== undefined && heard.until <= now) return false
      try {
        return heard.program?.holds(heard.literals, event, now) ?? true
      } catch (error) {
        failed(heard.target, error as EngineError)
        return false
      }
    }
    const candidates = this.#index.candidates(event.name, event)
    return candidates.filter(isMeant).map(({ target }) => target)
  }

  get size(): number {
    return this.#index.size
  }

  #heardBy(run: string): readonly Heard[] {
    const heard = this.#byRun.get(run)
    if (heard === undefined) return NONE
    return Array.isArray(heard) ? heard : [heard]
  }

  #keep(run: string, heard: Heard): void {
    const before = this.#byRun.get(run)
    if (before === undefined) this.#byRun.set(run, heard)
    else if (Array.isArray(before)) before.push(heard)
    else this.#byRun.set(run, [before, heard])
  }
}

const NONE: readonly Heard[] = []
