/** Opening brackets, and things in a list or an object: 5,000 events have eight each. */
const PARTS_MOST = 1 << 16
const DEEPEST = 40

/**
 * Reads a message that may come from anybody. Throws for what is no JSON, nests deeper than messages
 * do, or has more parts than any: parsed, either would take many times the room of its text.
 */
export function parseMessage(line: string): unknown {
  mustBeSmall(line)
  return JSON.parse(line)
}

function mustBeSmall(line: string): void {
  let depth = 0
  let parts = 0
  for (let at = 0; at < line.length; at++) {
    switch (line[at]) {
      case '"':
        at = endOfText(line, at)
        break
      case '[':
      case '{':
        parts++
        if (++depth > DEEPEST) throw new RangeError(`messages nest at most ${DEEPEST} deep`)
        break
      case ']':
      case '}':
        depth--
        break
      case ',':
        parts++
        break
      default:
    }
    if (parts > PARTS_MOST) throw new RangeError(`messages have at most ${PARTS_MOST} parts`)
  }
}

/** The place of the quote that ends the text which begins here; of none, behind the end. */
function endOfText(line: string, begin: number): number {
  for (let at = line.indexOf('"', begin + 1); at !== -1; at = line.indexOf('"', at + 1)) {
    let escapes = 0
    while (line[at - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return at
  }
  return line.length
}
