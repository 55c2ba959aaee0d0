/** What is wrong with a text that is no JSON, and at which column, as far as the parser tells. */
export function jsonFault(text: string): string {
  try {
    JSON.parse(text)
    return 'it is no object'
  } catch (error) {
    const said = error instanceof Error ? error.message : ''
    const at = /position (\d+)/.exec(said)?.[1]
    if (at !== undefined) return `it is no JSON from column ${Number(at) + 1} on`
    const token = /^Unexpected token '(.)'/u.exec(said)?.[1]
    return token === undefined
      ? 'it is no JSON'
      : `it is no JSON: a "${token}" is in the wrong place`
  }
}
