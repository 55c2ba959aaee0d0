/** How far a salvage has got: files are read, in bytes; then what was found is saved, in entries. */
export interface SalvageProgress {
  readonly phase: 'reading' | 'saving'
  readonly done: number
  readonly total: number
}

export type OnSalvage = (progress: SalvageProgress) => void

/** What came of a salvage. */
export interface Salvaged {
  /** Id of the journal; a made-up one if nothing said it. */
  readonly journal: string
  /** How many runs are whole. */
  readonly whole: number
  /** Runs of which the end is, or may be, missing. */
  readonly cut: readonly CutRun[]
  /** Runs of which not even the first record can be read, by id. */
  readonly lost: readonly string[]
  /** Commits are missing: runs and events may be lost of which nothing tells any more. */
  readonly mayBeMore: boolean
  readonly entries: number
  readonly events: Kept
  readonly inputs: Kept
  readonly schedules: KeptRows
  readonly limits: KeptRows
  /** What is wrong with the files. */
  readonly damage: readonly FileDamage[]
}

export interface CutRun {
  readonly run: string
  /** How many entries were saved. */
  readonly entries: number
  /** What is missing, as a sentence: `its record 7 is damaged`. */
  readonly why: string
  /** An engine leaves it alone until `engine.retry(run)` says to go on from here. */
  readonly parked: boolean
}

/** How many there are, and how many more there must have been. */
export interface Kept {
  readonly kept: number
  readonly lost: number
}

export interface KeptRows {
  readonly kept: number
  /** Ids of those that are damaged. */
  readonly lost: readonly string[]
  /** They are not those that the newest commit states: some are missing, or as they were before. */
  readonly mayBeOld: boolean
}

export interface FileDamage {
  readonly file: string
  readonly offset: number
  readonly why: string
}
