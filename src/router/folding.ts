import { encodeValue } from '../../journal/codec/encode.ts'
import type { Listener } from '../../journal/entry.ts'
import type { Incoming } from '../define/condition.ts'
import {
  compileExpression,
  type Expression,
  evaluate,
  holds,
} from '../define/expression/expression.ts'
import { fold } from '../define/expression/fold.ts'
import type { EventView } from './listeners.ts'

/** Expressions that are kept: code that writes values into its conditions makes ever new ones. */
const MOST = 1_000

/** Expressions, those that are used compiled once. */
export class Expressions {
  // Those that were used last are at the end.
  readonly #compiled = new Map<string, Expression>()

  /** Whether a trigger's condition holds of its event. */
  holds(text: string, event: EventView, now: number): boolean {
    return holds(this.#compile(text, ['event']), { event }, now)
  }

  /** What an expression over an event comes to. */
  value(text: string, event: EventView, now: number): unknown {
    return evaluate(this.#compile(text, ['event']), { event }, now)
  }

  /**
   * What a run listens for that was started by `event`: the run's part of the condition is folded
   * in. Absent: no event can fulfil it.
   */
  listener(
    key: string,
    { event: name, if: text }: Incoming,
    event: EventView,
    now: number,
  ): Listener | undefined {
    const listener = { key, event: name }
    if (text === undefined) return listener
    const folded = fold(this.#compile(text, ['event', 'async']), event, now)
    switch (folded.kind) {
      case 'never':
        return undefined
      case 'always':
        return listener
      case 'when':
        return { ...listener, program: folded.program, literals: encodeValue(folded.literals) }
      default:
        return folded satisfies never
    }
  }

  /** How many are kept. */
  get size(): number {
    return this.#compiled.size
  }

  #compile(text: string, variables: readonly ('event' | 'async')[]): Expression {
    const known = this.#compiled.get(text)
    const compiled = known ?? compileExpression(text, variables)
    if (known !== undefined) this.#compiled.delete(text)
    this.#compiled.set(text, compiled)
    if (this.#compiled.size > MOST) {
      for (const oldest of this.#compiled.keys()) {
        this.#compiled.delete(oldest)
        break
      }
    }
    return compiled
  }
}
