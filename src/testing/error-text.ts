import { inspect, stripVTControlCharacters } from 'node:util'

/** What was thrown, whatever it is, in words: without colours, without a stack. */
export function errorText(error: unknown): string {
  try {
    const text = error instanceof Error ? String(error.message) || error.name : String(error)
    return stripVTControlCharacters(text)
  } catch {
    return inspect(error, { depth: 0, customInspect: false })
  }
}
