import { PAGES_AHEAD } from './protocol.ts'

/** How many pages a reader has room for: those who read slowly hold up nobody but themselves. */
export class Credit {
  #left = PAGES_AHEAD
  #wake: (() => void) | undefined

  /** Room for so many more. */
  give(pages: number): void {
    this.#left = Math.min(PAGES_AHEAD, this.#left + pages)
    this.#wake?.()
  }

  /** Waits for room for one. False: nobody wants more. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (this.#left === 0 && !signal.aborted) {
      let wake = (): void => {}
      await new Promise<void>(resolve => {
        wake = resolve
        this.#wake = wake
        signal.addEventListener('abort', wake, { once: true })
      })
      signal.removeEventListener('abort', wake)
      this.#wake = undefined
    }
    if (signal.aborted) return false
    this.#left--
    return true
  }
}
