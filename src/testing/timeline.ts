import type { Entry } from '../../journal/entry.ts'

/** One line an entry: its type, and what it is about. */
export function timelineOf(entries: readonly Entry[]): string[] {
  const names = new Map<number, string>()
  return entries.map((entry, seq) => {
    if ('id' in entry) names.set(seq, entry.id)
    const name = 'id' in entry ? entry.id : 'of' in entry ? names.get(entry.of) : factOf(entry)
    return name === undefined ? entry.type : `${entry.type} ${name}`
  })
}

function factOf(entry: Entry): string | undefined {
  switch (entry.type) {
    case 'run.scheduled':
      return entry.workflow
    case 'run.cancel_requested':
    case 'run.cancelled':
      return entry.reason === '' ? undefined : entry.reason
    case 'run.parked':
      return entry.code
    case 'run.continued':
      return entry.successor
    default:
      return undefined
  }
}
