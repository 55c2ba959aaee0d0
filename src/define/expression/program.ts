import { type Alternative, alternativesOf } from './alternatives.ts'
import { compile } from './compile.ts'
import { failed } from './failure.ts'
import { limits } from './limits.ts'
import { type Miss, missesOf } from './misses.ts'
import { parse } from './parse.ts'
import { scopeOf } from './scope.ts'
import { readSyntax, type SyntaxBounds } from './syntax.ts'
import { isTruthy } from './value.ts'

/** A condition on `async` that many share; each brings its own literals. */
export interface Program {
  readonly text: string
  /** What must be equal for it to hold: one alternative suffices, within one all terms must be. */
  readonly alternatives: readonly Alternative[]
  /** `now`: milliseconds since 1970. Throws EXPRESSION_FAILED. */
  holds(literals: readonly unknown[], async: unknown, now: number): boolean
  /** The comparisons that make it false; none, if it holds or they cannot be told. */
  misses(literals: readonly unknown[], async: unknown, now: number): readonly Miss[]
}

/** Opens what `fold` made. Throws EXPRESSION_INVALID for any other text. */
export function openProgram(text: string): Program {
  const root = parse(text, readSyntax(text, BOUNDS), ['async', 'literals'])
  const run = compile(root)
  return {
    text,
    alternatives: alternativesOf(root),
    holds: (literals, async, now) => {
      try {
        return isTruthy(run(scopeOf({ literals, async, now })))
      } catch (error) {
        throw failed(text, error)
      }
    },
    misses: (literals, async, now) => missesOf(root, () => scopeOf({ literals, async, now })),
  }
}

/** A folded expression may be longer than its source: literals are named and not shown. */
const BOUNDS: SyntaxBounds = {
  lengthMax: limits.programLengthMax,
  nestingMax: limits.programNestingMax,
  nodesMax: limits.nodesMax * 10,
}

/**
 * Opens each text once, and again when nothing uses it any more. Belongs to its caller, as there may
 * be many engines in a process.
 */
export class ProgramCache {
  readonly #programs = new Map<string, WeakRef<Program>>()
  readonly #unused = new FinalizationRegistry<string>(text => {
    if (this.#programs.get(text)?.deref() === undefined) this.#programs.delete(text)
  })

  open(text: string): Program {
    const known = this.#programs.get(text)?.deref()
    if (known !== undefined) return known
    const program = openProgram(text)
    this.#programs.set(text, new WeakRef(program))
    this.#unused.register(program, text)
    return program
  }
}
