/**
 * The patterns that a name can match: itself, and for each "/" and "." in it what stands before
 * with that separator and "*": `app/user.created` is `app/user.created`, `app/*` and `app/user.*`.
 */
export function candidatePatterns(name: string): string[] {
  const patterns = [name]
  for (let at = 0; at < name.length - 1; at++) {
    const letter = name[at]
    if (letter === '/' || letter === '.') patterns.push(`${name.slice(0, at + 1)}*`)
  }
  return patterns
}
