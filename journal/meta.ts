/** `'fsync'` survives power cuts, `'os'` only the death of the process. */
export type Durability = 'fsync' | 'os'

/** What the journal says of itself, written when it is created. */
export interface Meta {
  readonly id: string
  readonly durability: Durability
  readonly createdAt: number
  /** The newest commit whose row was removed, with all rows before it, and its hash. */
  readonly trimmed?: { readonly commit: number; readonly chain: Uint8Array }
}
