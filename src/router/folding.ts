import { encodeValue } from '../../journal/codec/encode.ts'
import type { Listener } from '../../journal/entry.ts'
import type { Incoming } from '../define/condition.ts'
import { compileExpression, type Expression, holds } from '../define/expression/expression.ts'
import { fold } from '../define/expression/fold.ts'
import type { EventView } from './listeners.ts'

/** Expressions, each compiled once. */
export class Expressions {
  readonly #compiled = new Map<string, Expression>()

  /** Whether a trigger's condition holds of its event. */
  holds(text: string, event: EventView, now: number): boolean {
    return holds(this.#compile(text, ['event']), { event }, now)
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

  #compile(text: string, variables: readonly ('event' | 'async')[]): Expression {
    const known = this.#compiled.get(text)
    if (known !== undefined) return known
    const compiled = compileExpression(text, variables)
    this.#compiled.set(text, compiled)
    return compiled
  }
}
