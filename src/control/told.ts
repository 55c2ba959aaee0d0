import { PerdureError } from '../../journal/error.ts'

/** Characters of a message, and of facts as JSON: they may quote what was sent. */
const MESSAGE_MOST = 4_096
const FACTS_MOST = 1 << 16

/** An error as others may see it: its cause and stack stay here. */
export function told(error: unknown): object {
  if (!(error instanceof PerdureError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { code: 'INTERNAL', message: cut(message), hint: 'Look into the log of the engine.' }
  }
  const { code, message, hint, facts } = error
  return { code, message: cut(message), hint: cut(hint), facts: plainFacts(facts) }
}

const cut = (text: string): string =>
  text.length <= MESSAGE_MOST ? text : `${text.slice(0, MESSAGE_MOST)}…`

function plainFacts(facts: object): object {
  try {
    const text = JSON.stringify(facts)
    return text.length <= FACTS_MOST ? Object(JSON.parse(text)) : {}
  } catch {
    return {}
  }
}
