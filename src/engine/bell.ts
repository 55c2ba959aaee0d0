export interface BellHost {
  /** Both clocks, in whole milliseconds. */
  now(): { readonly wall: number; readonly elapsed: number }
  /** Calls back once after so many milliseconds. Returns how to call it off. */
  alarm(ms: number, ring: () => void): () => void
}

/** Clocks jump and machines sleep: never trust one wait for longer. */
const LONGEST_WAIT = 60_000

/** One alarm for the earliest of many moments of the wall clock. It may ring before any has come. */
export class Bell {
  readonly #host: BellHost
  readonly #ring: () => void
  #callOff: (() => void) | undefined
  /** On the elapsed clock. */
  #rings = Number.POSITIVE_INFINITY
  #stopped = false

  constructor(host: BellHost, ring: () => void) {
    this.#host = host
    this.#ring = ring
  }

  ringAt(moment: number | undefined): void {
    if (this.#stopped || moment === undefined) return
    const { wall, elapsed } = this.#host.now()
    const ms = Math.min(Math.max(moment - wall, 0), LONGEST_WAIT)
    if (elapsed + ms >= this.#rings) return
    this.#callOff?.()
    this.#rings = elapsed + ms
    this.#callOff = this.#host.alarm(ms, () => {
      this.#rings = Number.POSITIVE_INFINITY
      this.#ring()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#callOff?.()
  }
}
