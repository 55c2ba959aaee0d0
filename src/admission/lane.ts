/** Where something stands in its line: smaller goes first, `place` breaks ties and is dense. */
export interface Rank {
  /** When it came, in ms, less what priority is worth. */
  readonly rank: number
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

export const isBefore = (a: Rank, b: Rank): boolean =>
  a.rank === b.rank ? a.place < b.place : a.rank < b.rank
