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
      await new Promise<void>(resolve => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      this.#wake = undefined
    }
    if (signal.aborted) return false
    this.#left--
    return true
  }
}
