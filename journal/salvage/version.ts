/** What some place on disk says of a key, as of a write of LevelDB. */
export interface Version {
  readonly key: string
  /** LevelDB's number of the write, the newest the highest; 0: it cannot be told. */
  readonly sequence: number
  /** Sealed under the key and whole; or it was deleted then; or it was written, and is damaged. */
  readonly value: Uint8Array | 'deleted' | 'damaged'
}

/** Keys of which something may be lost, both ends included. Without ends: any key. */
export interface Loss {
  readonly from?: string
  readonly to?: string
  readonly file: string
  readonly offset: number
  readonly why: string
}

/** Reads one file: gives what can be read, and notes what is lost. */
export type FileReader = (
  file: string,
  bytes: Uint8Array,
  lose: (loss: Loss) => void,
) => Iterable<Version>
