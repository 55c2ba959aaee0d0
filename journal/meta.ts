import type { Digest } from './digest.ts'

/** `'fsync'` survives power cuts, `'os'` only the death of the process. */
export type Durability = 'fsync' | 'os'

/** What the journal says of itself, written when it is created. */
export interface Meta {
  readonly id: string
  readonly durability: Durability
  readonly createdAt: number
  readonly trimmed?: Trimmed
  /**
   * Paths of keys whose values are not to be shown, as the engine was last opened with; and those that
   * begin with `@` (src/inspect/secrets.ts), which stay. Absent: none.
   */
  readonly secrets?: readonly string[]
}

/** The newest commit whose row was removed, with all rows before it. */
export interface Trimmed {
  readonly commit: number
  /** Its hash. */
  readonly chain: Uint8Array
  /** Ids of events that were given up to then may be listed by no commit. Absent: any. */
  readonly at?: number
  /** The events that the removed rows stored and did not remove. Absent: none. */
  readonly events?: Digest
}
