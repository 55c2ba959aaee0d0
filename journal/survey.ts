import { ActiveRuns } from './active-runs.ts'
import {
  openHeld,
  openLimit,
  openQueued,
  type StoredHeld,
  type StoredLimit,
  type StoredQueued,
} from './admission.ts'
import { addKey, emptyDigest } from './digest.ts'
import type { TimerClock } from './entry.ts'
import { unseal } from './envelope.ts'
import { type InboxInput, openInput, openWait, type StoredWait } from './event-reader.ts'
import type { Head } from './head.ts'
import { openHead } from './head-reader.ts'
import { keys, parseKey, ranges, type TimerKey } from './keys.ts'
import type { Recovery } from './recovery.ts'
import { checkMark, openSchedule, type StoredSchedule } from './schedule.ts'
import type { Store } from './store.ts'
import type { Digests } from './tip.ts'

/** Given what an opening comes across. */
export interface Finder {
  /** Given each active run's head. */
  readonly onHead?: (head: Head) => void
  /** Given what each open wait and cancellation listens for. */
  readonly onWait?: (wait: StoredWait) => void
  /** Given the inputs that wait in inboxes, each run's in order. */
  readonly onInput?: (input: InboxInput) => void
  /** Given how far each schedule has got. */
  readonly onSchedule?: (schedule: StoredSchedule) => void
  /** Given the runs that wait for their turn: lane by lane, each lane's in the order of it. */
  readonly onQueued?: (queued: StoredQueued) => void
  /** Given what runs hold and gather, in order of run id. */
  readonly onHeld?: (held: StoredHeld) => void
  /** Given what is remembered for each limit. */
  readonly onLimit?: (limit: StoredLimit) => void
}

/** Both clocks, in ms. */
export interface Instants {
  readonly wall: number
  readonly elapsed: number
}

// Inboxes before those that wait in lanes: whoever was let in has that in its inbox. What is held as
// well: who holds a singleton does not wait as others do.
const RANGES = [ranges.activeAndInbox(), ranges.held(), ranges.limitsToTimers(), ranges.waits()]

/** The rows that opening relies on. Those of runs that have ended are not among them. */
export class Survey {
  readonly digests: Digests = {
    active: emptyDigest(),
    timers: emptyDigest(),
    waits: emptyDigest(),
    inbox: emptyDigest(),
    schedules: emptyDigest(),
    admission: emptyDigest(),
    limits: emptyDigest(),
  }
  /** The runs that have not ended. */
  readonly active = new ActiveRuns()
  /** What the last opening left, if it died while it brought runs back. */
  left: Recovery | undefined
  /**
   * The timers that are due before a time of their clock, and the first one after; each clock's in
   * due order.
   */
  readonly timers: TimerKey[] = []
  /** Clocks of which the first timer after that time was seen. */
  readonly #isPast = new Set<string>()
  readonly #finder: Finder
  readonly #onMeta: (value: Uint8Array) => void
  readonly #before: { readonly [prefix: string]: string }

  constructor(finder: Finder, before: Instants, onMeta: (value: Uint8Array) => void) {
    this.#finder = finder
    this.#onMeta = onMeta
    const bound = (clock: TimerClock): string => keys.due(clock, before[clock])
    this.#before = { 't!e': bound('elapsed'), 't!w': bound('wall') }
  }

  /** Reads them, with as few scans as the order of the keys allows. */
  async take(store: Store): Promise<void> {
    for (const range of RANGES) {
      for await (const chunk of store.scan(range)) {
        for (const [key, value] of chunk) this.#see(key, value)
      }
    }
  }

  #see(key: string, value: Uint8Array): void {
    const { digests } = this
    const finder = this.#finder
    switch (key.slice(0, 2)) {
      case 't!':
        addKey(digests.timers, key)
        return this.#timer(key, value)
      case 's!': {
        const schedule = openSchedule(key, value)
        addKey(digests.schedules, checkMark(key, schedule.check))
        return finder.onSchedule?.(schedule)
      }
      case 'k!': {
        const limit = openLimit(key, value)
        addKey(digests.limits, checkMark(key, limit.check))
        return finder.onLimit?.(limit)
      }
      case 'q!':
        addKey(digests.admission, key)
        return finder.onQueued?.(openQueued(key, value))
      case 'h!':
        addKey(digests.admission, key)
        return finder.onHeld?.(openHeld(key, value))
      case 'a!':
        addKey(digests.active, key)
        this.active.begin(parseKey.head(key))
        return finder.onHead?.(openHead(key, value))
      case 'b!':
        addKey(digests.inbox, key)
        return finder.onInput?.(openInput(key, value))
      case 'w!':
        addKey(digests.waits, key)
        return finder.onWait?.(openWait(key, value))
      case keys.meta:
        return this.#onMeta(value)
      case keys.recovery:
        this.left = unseal(key, value).body as Recovery
    }
  }

  #timer(key: string, value: Uint8Array): void {
    const clock = key.slice(0, 3)
    const before = this.#before[clock]
    if (before === undefined || this.#isPast.has(clock)) return
    if (key >= before) this.#isPast.add(clock)
    unseal(key, value)
    this.timers.push(parseKey.timer(key))
  }
}
