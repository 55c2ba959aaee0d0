/** The only source of time. */
export interface Clock {
  /** The wall clock: milliseconds since the epoch. It may jump. */
  wall(): number
  /** Milliseconds since some moment in this process. It only goes forward. */
  elapsed(): number
  /**
   * Calls back once, not before `ms` milliseconds have passed. Returns how to call it off. An alarm
   * for `'upkeep'` is one that nothing anybody asked for waits for: a clock that skips time may call
   * back late. One for a `'timeout'` ends the attempt of a step: nothing of it is on disk.
   */
  alarm(ms: number, ring: () => void, purpose?: AlarmPurpose): () => void
  /** Lets everything else in the process have its turn. Default: until the next event loop round. */
  breathe?(): Promise<void>
}

export type AlarmPurpose = 'upkeep' | 'timeout'

// A longer timeout would overflow and fire at once.
const LONGEST_TIMEOUT = 2 ** 31 - 1

export const systemClock: Clock = {
  wall: () => Date.now(),
  elapsed: () => performance.now(),
  alarm(ms, ring) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      const next = () => (left > LONGEST_TIMEOUT ? wait(left - LONGEST_TIMEOUT) : ring())
      timer = setTimeout(next, Math.min(Math.ceil(left), LONGEST_TIMEOUT))
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}
