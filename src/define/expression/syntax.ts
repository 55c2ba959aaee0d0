import { Environment, ParseError, type ParseResult } from '@marcbachmann/cel-js'
import { invalid } from './failure.ts'
import { limits } from './limits.ts'

/** A node of the syntax tree, as the CEL library gives it: `op`, `args`, `pos`. */
export type Syntax = ParseResult['ast']

export interface SyntaxBounds {
  readonly lengthMax: number
  readonly nestingMax: number
  readonly nodesMax: number
}

export const SOURCE_BOUNDS: SyntaxBounds = {
  lengthMax: limits.sourceLengthMax,
  nestingMax: limits.nestingMax,
  nodesMax: limits.nodesMax,
}

/** Reads CEL. Throws EXPRESSION_INVALID with the position; nothing is evaluated or type-checked. */
export function readSyntax(source: string, bounds: SyntaxBounds): Syntax {
  if (typeof source !== 'string') throw invalid(String(source), 0, 'an expression is a string')
  if (source.length > bounds.lengthMax)
    throw invalid(source, bounds.lengthMax, `it is longer than ${bounds.lengthMax} characters`)
  const environment = new Environment({
    unlistedVariablesAreDyn: true,
    limits: {
      maxDepth: bounds.nestingMax,
      maxAstNodes: bounds.nodesMax,
      maxListElements: limits.listLengthMax,
      maxMapEntries: limits.listLengthMax,
    },
  })
  try {
    return environment.parse(source).ast
  } catch (error) {
    // The parser descends without a bound of its own on rows of `!` and `-`.
    if (error instanceof RangeError) throw invalid(source, 0, 'it is nested too deeply')
    if (!(error instanceof ParseError)) throw invalid(source, 0, 'it cannot be read')
    const position = Math.min(error.range?.start ?? 0, source.length)
    throw invalid(source, position, reasonOf(error))
  }
}

function reasonOf({ code, summary }: ParseError): string {
  if (code === 'limit_exceeded') {
    if (summary.includes('maxDepth')) return 'it is nested too deeply'
    return summary.includes('maxAstNodes') ? 'it has too many parts' : 'a list is too long'
  }
  const reason = summary.replace(/\bEOF\b/, 'end of the expression')
  return reason.charAt(0).toLowerCase() + reason.slice(1)
}
