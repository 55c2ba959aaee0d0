import type { Store } from '../../journal/store.ts'

/** An empty store on a disk that fails when it is told to, to be thrown away. */
export interface FaultySubject {
  /** Opens it as engines do. Rejects with JOURNAL_LOCKED while it is open. */
  open(): Promise<Store>
  /** Opens it past whoever has it open. */
  seize(): Promise<Store>
  /** The process that has it open dies at once. */
  kill(): Promise<void>
  /**
   * The power is cut: of what was not synced there is left, from the first on, about this share.
   * Only with durability `'os'`.
   */
  cutPower(share: number): Promise<void>
  /** Takes the space for another write away, and gives it back. Absent: it cannot be taken. */
  readonly space?: { fill(): Promise<void>; empty(): Promise<void> }
  /** The next sync fails. Absent: it cannot be made to. */
  readonly failSync?: () => Promise<void>
  /** Damages a value of a store that is not open; its process must be dead. */
  rot(key: string, value: Uint8Array): Promise<void>
  remove(): Promise<void>
}

export type OpenFaulty = (durability: 'fsync' | 'os') => Promise<FaultySubject>
