import type { Logger } from '../define/logger.ts'
import type { Clock } from '../ports/clock.ts'
import type { Scopes } from '../run/call.ts'
import type { LiveCode } from '../run/code.ts'
import type { Listening } from '../run/listening.ts'
import type { CodeHost } from '../run/replay.ts'

/** How long code that awaited a promise of its own is waited for in a replay. */
const WAKE_MS = 10_000

/** What the code of runs needs of an engine. */
export const codeHost = (
  scopes: Scopes,
  clock: Clock,
  logger: Logger,
  listening: Listening,
  onWake: (run: string, code: LiveCode) => void,
): CodeHost => ({
  scopes,
  listening,
  rest,
  yieldToOthers: () => clock.breathe?.() ?? yieldToOthers(),
  logger: (run, workflow) => tagged(logger, { run, workflow }),
  waker: () => new Waker(clock),
  onWake,
})

// Asked for in a microtask, a tick comes when all microtasks have drained, those that microtasks
// queue included; and unlike the next phase of the event loop it costs next to nothing.
export const rest = (): Promise<void> => new Promise(resolve => process.nextTick(resolve))

/** Lets everything else in the process have its turn. */
const yieldToOthers = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

class Waker {
  readonly #clock: Clock
  #resolve: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  woke(): void {
    this.#resolve?.()
  }

  wait(): Promise<void> {
    return new Promise(resolve => {
      const callOff = this.#clock.alarm(WAKE_MS, resolve)
      const end = (): void => {
        callOff()
        resolve()
      }
      this.#resolve = end
    })
  }
}

const tagged = (logger: Logger, tags: object): Logger => ({
  debug: (facts, message) => logger.debug({ ...tags, ...facts }, message),
  info: (facts, message) => logger.info({ ...tags, ...facts }, message),
  warn: (facts, message) => logger.warn({ ...tags, ...facts }, message),
  error: (facts, message) => logger.error({ ...tags, ...facts }, message),
})
