import type { Entry } from '../../journal/entry.ts'
import type { Awaited } from './call.ts'

/**
 * From when on events count for the next wait. What a step or a child asks for may come before the
 * code could wait for it: a wait that follows steps counts what was stored since the first of them
 * was called, except for what an earlier wait was there for. Sleeps and waits end a row of steps.
 */
export class Hearing {
  /** Absent: from when the wait is recorded on. */
  since: number | undefined
  #heardUpTo = 0

  /** The code reacts to an input, which answers this call. */
  note(input: Entry, answered: Awaited | undefined): void {
    const isTimer = input.type === 'timer.fired'
    if (input.type === 'event.received') this.#heardUpTo = input.storedAt + 1
    else if (!isTimer && answered === undefined) return
    // The backoff of a step is over: it has not been answered yet.
    if (isTimer && answered?.call.body !== undefined) return
    if (answered === undefined || isTimer || input.type === 'event.received') {
      this.since = undefined
      return
    }
    const since = Math.max(answered.askedAt, this.#heardUpTo)
    this.since = Math.min(this.since ?? since, since)
  }
}
