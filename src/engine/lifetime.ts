import { JournalError } from '../../journal/error.ts'
import { EngineError } from '../define/error.ts'
import type { EngineSettings } from './options.ts'
import type { Parts } from './parts.ts'
import { LateRefusal, type Refusal } from './refusal.ts'

const GC_EVERY_MS = 3_600_000
const SCRUB_AFTER_MS = 10_000
const SIGNAL_DRAIN_MS = 10_000
/** How often a drain looks whether steps still run. */
const DRAIN_LOOK_MS = 20

/** From opening to close, or to the first failure: what begins with an engine ends with it. */
export class Lifetime {
  readonly #settings: EngineSettings
  #parts: Parts | undefined
  #failed = false
  #closing: Promise<void> | undefined
  #control: { close(): Promise<void> } | undefined
  #callOffGc: (() => void) | undefined
  #callOffScrub: (() => void) | undefined
  // A function that is written where it is assigned to a property is made as if it were to stay: of
  // thousands of engines that have ended, in tests, each would be kept until all memory is searched.
  readonly #onFailure = (failure: unknown): void => this.fail(failure)
  readonly #onSignal = (signal: NodeJS.Signals): void => void this.#obey(signal)

  constructor(settings: EngineSettings) {
    this.#settings = settings
  }

  begin(parts: Parts): void {
    this.#parts = parts
    parts.journal.onFailure = this.#onFailure
    for (const signal of this.#settings.closeOn) process.on(signal, this.#onSignal)
    this.#gcLater()
    this.#scrubLater(parts)
  }

  /** Those who ask from outside read the journal: they are sent away before it is closed. */
  control(server: { close(): Promise<void> }): void {
    this.#control = server
  }

  /** Nothing is acknowledged and nothing is begun any more; the journal is as it is. */
  fail(error: unknown): void {
    if (this.#failed || this.#closing !== undefined) return
    this.#failed = true
    const cause = { error: this.#parts?.journal.failure ?? error }
    this.#settings.logger.error(cause, 'the engine has stopped: close it and open it again')
    const refusal = { error: stoppedError(cause.error) }
    if (this.#parts !== undefined) this.#parts.leaving = refusal
    this.#stop(cause, refusal)
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs)
    return this.#closing
  }

  async #close(drainMs: number): Promise<void> {
    const { clock } = this.#settings
    const closed = new LateRefusal(closedError)
    const until = clock.elapsed() + drainMs
    this.#parts?.leave(closed)
    while (!this.#failed && this.#isBusy() && clock.elapsed() < until) {
      await new Promise<void>(resolve => clock.alarm(DRAIN_LOOK_MS, resolve))
    }
    if (this.#parts !== undefined) this.#parts.closed = closed
    this.#stop(closed, closed)
    await this.#parts?.loop.stop(closed)
    // What failed says so itself, and leaves the row to the next opening.
    await this.#parts?.recovery.end().catch(() => {})
    await this.#control?.close()
    try {
      await this.#parts?.journal.close()
    } finally {
      this.#parts?.scoping.end()
    }
  }

  #isBusy(): boolean {
    const { attempts, loop } = this.#parts ?? {}
    return (attempts?.running ?? 0) > 0 || (loop?.waiting ?? 0) > 0
  }

  #stop(reason: Refusal, refusal: Refusal): void {
    for (const signal of this.#settings.closeOn) process.off(signal, this.#onSignal)
    this.#callOffGc?.()
    this.#callOffScrub?.()
    const { alarm, attempts, feed, outcomes, loop, events, recovery } = this.#parts ?? {}
    alarm?.stop()
    events?.scheduler.stop()
    recovery?.stop()
    attempts?.stop(reason)
    feed?.close()
    void loop?.stop(refusal)
    outcomes?.rejectAll(reason)
  }

  // Who is told to end does, however the closing goes.
  async #obey(signal: NodeJS.Signals): Promise<void> {
    await this.close(SIGNAL_DRAIN_MS).catch(error => {
      this.#settings.logger.error({ error, signal }, 'closing failed: the signal acts all the same')
    })
    process.kill(process.pid, signal)
  }

  // Opening reads only what it needs. What lies in the tables besides is checked soon after.
  #scrubLater(parts: Parts): void {
    const scrub = async (): Promise<void> => {
      try {
        for await (const damage of parts.opened.scrub()) this.fail(damage)
      } catch (error) {
        if (this.#closing === undefined) this.fail(error)
      }
    }
    const ring = (): void => void scrub()
    this.#callOffScrub = this.#settings.clock.alarm(SCRUB_AFTER_MS, ring, 'upkeep')
  }

  #gcLater(): void {
    const { clock, logger } = this.#settings
    const collect = (): void => {
      this.#parts?.gc().catch(error => {
        if (this.#closing === undefined) logger.warn({ error }, 'removing old runs failed')
      })
      this.#gcLater()
    }
    this.#callOffGc = clock.alarm(GC_EVERY_MS, collect, 'upkeep')
  }
}

const stoppedError = (cause: unknown): JournalError =>
  new JournalError('NOT_ACCEPTED', 'Not accepted: the engine has stopped after an error.', {
    hint: 'Close the engine and open it again: what was acknowledged is still there.',
    cause,
  })

const closedError = (): EngineError =>
  new EngineError('ENGINE_CLOSED', 'The engine is closed.', {
    hint: 'Open it again: every run goes on from what is on disk.',
  })
