import { isDeepStrictEqual } from 'node:util'
import type { Path } from './path.ts'

/**
 * What an event must fulfil, as far as an index can see it: the values of one alternative, all of
 * them. The alternatives may promise less than the whole condition asks, never more.
 */
export interface Condition {
  /** One object for all conditions that differ in their literals only. */
  readonly program: Program
  /** Not changed after the condition was added. */
  readonly literals: readonly unknown[]
}

export interface Program {
  /** None at all says nothing about the event, like one without terms. */
  readonly alternatives: readonly Alternative[]
}

export interface Alternative {
  readonly terms: readonly Term[]
}

/** The value at `path` below the event equals `literals[literal]`. */
export interface Term {
  readonly path: Path
  readonly literal: number
}

/** The same program object and equal literals. */
export function isSame(one: Condition | undefined, other: Condition | undefined): boolean {
  if (one === other) return true
  if (one === undefined || one.program !== other?.program) return false
  return isDeepStrictEqual(one.literals, other.literals)
}
