/**
 * What an opening writes down before it brings runs back, and removes when that is done: an opening
 * that finds it knows that the process died meanwhile, and with whom.
 */
export interface Recovery {
  /** How many openings in a row have died. */
  readonly deaths: number
  /** Runs that were being brought back at a death, and have not been tried again since. */
  readonly suspects: readonly string[]
  /** The runs that are being brought back now. */
  readonly trying: readonly string[]
  /** The run that was alone when the process died, and how often in a row. */
  readonly lone?: string
  readonly times: number
}
