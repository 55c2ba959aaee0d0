import type { Clock } from '../ports/clock.ts'

export interface BellHost {
  /** Both clocks, in whole milliseconds. */
  now(): { readonly wall: number; readonly elapsed: number }
  /** Calls back once after so many milliseconds. Returns how to call it off. */
  alarm: Clock['alarm']
}

/** Clocks jump and machines sleep: never trust one wait for longer. */
const LONGEST_WAIT = 60_000

/** One alarm for the earliest of many moments of the wall clock. It may ring before any has come. */
export class Bell {
  readonly #host: BellHost
  readonly #ring: () => void
  #callOff: (() => void) | undefined
  #callOffLook: (() => void) | undefined
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
    const ms = Math.max(moment - wall, 0)
    if (elapsed + ms >= this.#rings) return
    this.#silence()
    this.#rings = elapsed + ms
    const ring = (): void => {
      this.#silence()
      this.#ring()
    }
    this.#callOff = this.#host.alarm(ms, ring)
    if (ms > LONGEST_WAIT) this.#callOffLook = this.#host.alarm(LONGEST_WAIT, ring, 'upkeep')
  }

  stop(): void {
    this.#stopped = true
    this.#silence()
  }

  #silence(): void {
    this.#callOff?.()
    this.#callOffLook?.()
    this.#callOffLook = undefined
    this.#rings = Number.POSITIVE_INFINITY
  }
}
