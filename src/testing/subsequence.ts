/** A whole line, or what is to be found in one. */
export type Pattern = string | RegExp

/** How far lines follow patterns. */
export interface Following {
  /** Which line is the one of each pattern, up to the first that has none. */
  readonly found: readonly number[]
  /** The first pattern that no line is left for. */
  readonly missing: number | undefined
}

/**
 * Finds lines that match the patterns in their order. Others may come between them, unless it is
 * to be `exact`: then each pattern is for the line at its own place.
 */
export function subsequence(
  lines: readonly string[],
  patterns: readonly Pattern[],
  exact: boolean,
): Following {
  const found: number[] = []
  let from = 0
  for (const [place, pattern] of patterns.entries()) {
    const left = exact ? lines.slice(from, from + 1) : lines.slice(from)
    const at = left.findIndex(line => matches(line, pattern))
    // The first line that fits is the best choice: it leaves the most for those after it.
    if (at < 0) return { found, missing: place }
    found.push(from + at)
    from += at + 1
  }
  return { found, missing: undefined }
}

// Not RegExp.test(), which goes on from where a global pattern matched last.
export const matches = (line: string, pattern: Pattern): boolean =>
  typeof pattern === 'string' ? line === pattern : line.search(pattern) >= 0
