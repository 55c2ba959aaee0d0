const MOST_LINES = 12

/**
 * A few lines of a timeline: the last ones, or those around `near`. Marked are those that `found`
 * names.
 */
export function excerpt(
  lines: readonly string[],
  near = lines.length,
  found: readonly number[] = [],
): string[] {
  const most = Math.max(0, lines.length - MOST_LINES)
  const from = Math.min(most, Math.max(0, near - MOST_LINES / 2))
  const shown = lines.slice(from, from + MOST_LINES)
  const width = found.length > 0
  const told = shown.map((line, at) => {
    const mark = found.includes(from + at) ? '✓ ' : '  '
    return `  ${width ? mark : ''}${line}`
  })
  const after = lines.length - from - shown.length
  return [
    ...(from > 0 ? [`  … ${from} before`] : []),
    ...told,
    ...(after > 0 ? [`  … ${after} more`] : []),
  ]
}
