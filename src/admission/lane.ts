/** Where something stands in its line: smaller goes first. */
export interface Rank {
  /** When it came, in ms, less what priority is worth. */
  readonly rank: number
  /** The run that it is a step of: what runs of one rank do is done in the order of their ids. */
  readonly run?: string | undefined
  /** Breaks the last ties, and is dense. */
  readonly place: number
}

/** One line of waiting things that need the same limits. */
export interface Lane {
  readonly id: string
  /** The ids of the limits that must all have room, each once. */
  readonly limits: readonly string[]
  /** Of its line; undefined when it is empty. The owner keeps it up to date. */
  readonly first: Rank | undefined
}

export function isBefore(a: Rank, b: Rank): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank
  if (a.run !== undefined && b.run !== undefined && a.run !== b.run) return a.run < b.run
  return a.place < b.place
}
