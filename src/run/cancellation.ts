import { CancelledError } from '../define/error.ts'

/** Whether the code of a run is being cancelled, and what it is told of it. */
export class Cancellation {
  #cancelled: CancelledError | undefined
  /** Set while answers are given that were held until the run was cancelled. */
  #refusal: CancelledError | undefined
  #abort: AbortController | undefined

  /** Why the code may call nothing outside of a shield. */
  get refusal(): CancelledError | undefined {
    return this.#cancelled ?? this.#refusal
  }

  get isTold(): boolean {
    return this.#cancelled !== undefined
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#cancelled !== undefined) this.#abort.abort(this.#cancelled)
    return this.#abort.signal
  }

  /** From now on the code may call nothing outside of a shield, though it is not told to end yet. */
  refuse(reason: string): void {
    this.#refusal ??= new CancelledError(reason)
  }

  /** The code is told to end. Gives what is thrown into it. */
  tell(reason: string): CancelledError {
    const cancelled = this.#refusal ?? new CancelledError(reason)
    this.#cancelled = cancelled
    this.#abort?.abort(cancelled)
    return cancelled
  }
}
