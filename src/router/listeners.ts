import { decodeValue } from '../../journal/codec/decode.ts'
import type { Listener } from '../../journal/entry.ts'
import type { EngineError } from '../define/error.ts'
import { type Program, ProgramCache } from '../define/expression/program.ts'
import type { Condition } from './condition.ts'
import { MatchIndex } from './match-index.ts'
import { Texts } from './texts.ts'

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

const NO_LITERALS: readonly unknown[] = []

/** A target, what it listens for, and its own condition: one object, as there may be a million. */
class Heard implements Target {
  readonly run: string
  readonly seq: number
  readonly kind: Target['kind']
  readonly key: string
  readonly event: string
  readonly until: number | undefined
  readonly program: Program | undefined
  readonly literals: readonly unknown[]

  constructor(
    { run, seq, kind, key }: Target,
    { event, until, literals }: Listener,
    program: Program | undefined,
  ) {
    this.run = run
    this.seq = seq
    this.kind = kind
    this.key = key
    this.event = event
    this.until = until
    this.program = program
    this.literals = literals === undefined ? NO_LITERALS : (decodeValue(literals) as unknown[])
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
  readonly #texts = new Texts()

  // One text for all that a run listens for, and what it was cut from or put together of is let go.
  #idOf(run: string): string {
    return this.#heardBy(run)[0]?.run ?? Buffer.from(run).toString()
  }

  /** Adds what a wait or a cancellation listens for. What is there already is left as it is. */
  add(run: string, seq: number, kind: Target['kind'], on: readonly Listener[]): void {
    if (this.#heardBy(run).some(heard => heard.seq === seq)) return
    const id = this.#idOf(run)
    for (const listener of on) {
      const program =
        listener.program === undefined ? undefined : this.#programs.open(listener.program)
      const event = this.#texts.of(listener.event)
      const target = { run: id, seq, kind, key: this.#texts.of(listener.key) }
      const heard = new Heard(target, { ...listener, event }, program)
      this.#index.add(event, conditionOf(heard), heard)
      this.#keep(id, heard)
    }
  }

  /** Whether there was any. */
  remove(run: string, seq: number): boolean {
    const all = this.#heardBy(run)
    const rest = all.filter(heard => heard.seq !== seq)
    if (rest.length === all.length) return false
    for (const heard of all) {
      if (heard.seq === seq) this.#index.remove(heard.event, conditionOf(heard), heard)
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
      try {
        return heard.program?.holds(heard.literals, event, now) ?? true
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
