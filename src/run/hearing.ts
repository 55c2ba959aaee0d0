import type { Entry } from '../../journal/entry.ts'

/**
 * From when on events count for the next wait. What a step asks for may come before the code could
 * wait for it: a wait that follows a step counts what was stored since the step was called, except
 * for what an earlier wait was there for.
 */
export class Hearing {
  /** Absent: from when the wait is recorded on. */
  since: number | undefined
  #heardUpTo = 0

  /** The code reacts to an input; `askedAt` is when the call was made that it answers. */
  note(input: Entry, askedAt: number | undefined): void {
    this.since = undefined
    if (input.type === 'event.received') this.#heardUpTo = input.storedAt + 1
    const answersStep = input.type === 'step.succeeded' || input.type === 'step.failed'
    if (answersStep && askedAt !== undefined) this.since = Math.max(askedAt, this.#heardUpTo)
  }
}
