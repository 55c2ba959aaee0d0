/**
 * Kinds of decisions, the most disturbing first: in this order they are taken out of a failure.
 * A stream is named by its kind, or `kind/detail`.
 */
export const KINDS = [
  'crash',
  'write',
  'cancel',
  'clock',
  'upgrade',
  'knob',
  'outcome',
  'event',
  'data',
  'delay',
  'schedule',
] as const

export type Kind = (typeof KINDS)[number]

const FAULTS: ReadonlySet<string> = new Set<Kind>(KINDS.slice(0, KINDS.indexOf('outcome')))

/** What comes before the first slash; any text, as streams may be of kinds of their own. */
export function kindOf(stream: string): string {
  const slash = stream.indexOf('/')
  return slash < 0 ? stream : stream.slice(0, slash)
}

/** Whether anything but 0 in a stream of this kind is a fault that struck. */
export const isFault = (kind: string): boolean => FAULTS.has(kind)
