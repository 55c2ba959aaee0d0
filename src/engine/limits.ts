/** What an engine holds at most. Each has a typed error, given at the door where there is one. */
export interface Limits {
  /** Entries a run may have; then it fails with RUN_TOO_LONG. Default 50,000. */
  readonly entriesPerRun: number
  /** Runs kept in memory although they only wait. Default 10,000. */
  readonly residentRuns: number
  /** Inputs that wait for their turn; then start and the like say OVERLOADED. Default 100,000. */
  readonly waitingInputs: number
  /** Entries a subscriber may be behind; then it ends with SUBSCRIBER_TOO_SLOW. Default 10,000. */
  readonly subscriberEntries: number
  /** Bytes of one stored value: data, result, output. Default 1 MiB, at most 16 MiB. */
  readonly valueBytes: number
  /**
   * Runs that wait to begin because of their workflows' limits, all together; then start and send say
   * OVERLOADED, and what starts them otherwise is skipped. Default 10,000,000.
   */
  readonly waitingRuns: number
  /** Bytes of the data of these. Default 8 GiB. */
  readonly waitingBytes: number
  /**
   * Deaths of the process in a row with a run alone that was being brought back; then it is parked
   * with POISON. More if processes are often killed from outside soon after opening. Default 2.
   */
  readonly deathsPerRun: number
}

export const defaultLimits: Limits = {
  entriesPerRun: 50_000,
  residentRuns: 10_000,
  waitingInputs: 100_000,
  subscriberEntries: 10_000,
  valueBytes: 1 << 20,
  waitingRuns: 10_000_000,
  waitingBytes: 2 ** 33,
  deathsPerRun: 2,
}
