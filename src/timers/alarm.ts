import type { TimerClock } from '../../journal/entry.ts'
import type { TimerKey } from '../../journal/keys.ts'
import type { Clock } from '../ports/clock.ts'
import type { Timer } from './timer.ts'
import { Wheel } from './wheel.ts'

export interface AlarmHost {
  /** Both clocks, in whole milliseconds. */
  now(): { readonly wall: number; readonly elapsed: number }
  /** Calls back once after so many milliseconds. Returns how to call it off. */
  alarm: Clock['alarm']
  /** The stored timers of a clock with `from <= due < before`. */
  stored(clock: TimerClock, from: number, before: number): AsyncIterable<TimerKey>
  /** These are due, in this order. */
  fire(due: readonly TimerKey[]): void
  /** Reading stored timers failed. */
  failed(error: unknown): void
}

/** Timers due within so many ms are in memory, the others in the journal only. */
export const NEAR = 10 * 60_000
/** Clocks jump and machines sleep: never trust one wait for longer. */
const LONGEST_WAIT = 60_000

/** Timers of both clocks: all there are before these times, and the first of each clock after. */
export interface NearTimers {
  readonly keys: readonly TimerKey[]
  readonly before: { readonly wall: number; readonly elapsed: number }
}

/** One clock's wheel, with how far ahead the stored timers have been read into it. */
interface Near {
  readonly clock: TimerClock
  /** Made for the first timer: it is large, and many engines never set one. */
  wheel: Wheel<TimerKey> | undefined
  /** What the wheel was last advanced to. */
  now: number
  horizon: number
  /** Before the horizon there may be timers in memory; the first beyond it is not due before this. */
  far: number
}

/** Drives the wheels: one alarm of the clock for the next timer of all. */
export class Alarm {
  readonly #host: AlarmHost
  readonly #near: readonly Near[]
  readonly #armed = new Map<string, { timer: Timer<TimerKey>; near: Near }>()
  #callOff: (() => void) | undefined
  #callOffLook: (() => void) | undefined
  // Nothing is earlier: what is armed before the start does not ring.
  #rings = Number.NEGATIVE_INFINITY
  #reading = false
  #stopped = false

  constructor(host: AlarmHost) {
    this.#host = host
    const now = host.now()
    this.#near = [near('elapsed', now.elapsed), near('wall', now.wall)]
  }

  /** How many timers are in memory. */
  get size(): number {
    return this.#armed.size
  }

  /** Begins to ring, with the stored timers that are due before these times of their clocks. */
  start({ keys, before }: NearTimers): void {
    for (const near of this.#near) {
      near.horizon = before[near.clock]
      near.far = Number.POSITIVE_INFINITY
    }
    for (const key of keys) this.arm(key)
    this.#ring()
  }

  /** Does nothing for a timer that is armed already, or too far ahead to be kept in memory. */
  arm(key: TimerKey): void {
    const near = this.#nearOf(key.clock)
    if (key.due >= near.horizon) near.far = Math.min(near.far, key.due)
    else if (this.#armed.has(nameOf(key))) return
    else {
      near.wheel ??= new Wheel(near.now)
      this.#armed.set(nameOf(key), { timer: near.wheel.insert(key.due, key), near })
    }
    this.#ringAt(key.due - this.#host.now()[key.clock])
  }

  disarm(run: string, seq: number): void {
    const name = nameOf({ run, seq })
    const armed = this.#armed.get(name)
    if (armed === undefined) return
    armed.near.wheel?.remove(armed.timer)
    this.#armed.delete(name)
  }

  stop(): void {
    this.#stopped = true
    this.#silence()
  }

  #ring(): void {
    if (this.#stopped) return
    this.#silence()
    const now = this.#host.now()
    const due = this.#near.flatMap(near => this.#advance(near, now[near.clock]))
    // Two clocks, one order: what is overdue for longer comes first.
    due.sort((a, b) => b.late - a.late)
    for (const { item } of due) this.#armed.delete(nameOf(item))
    if (due.length > 0) this.#host.fire(due.map(({ item }) => item))
    if (this.#near.some(({ clock, horizon }) => horizon - now[clock] < NEAR / 2)) this.#readOn()
    this.#ringNext()
  }

  #advance(near: Near, now: number): Due[] {
    if (now < near.now) this.#turnBack(near, now)
    near.now = now
    if (near.wheel === undefined) return []
    return near.wheel.advance(now).map(({ item }) => ({ item, late: now - item.due }))
  }

  // A wheel only turns forward. When the wall clock was set back, its timers go on a new one.
  #turnBack(near: Near, now: number): void {
    if (near.wheel === undefined) return
    const wheel = new Wheel<TimerKey>(now)
    near.wheel = wheel
    for (const [name, armed] of this.#armed) {
      if (armed.near !== near) continue
      const { item } = armed.timer
      this.#armed.set(name, { near, timer: wheel.insert(item.due, item) })
    }
  }

  #ringNext(): void {
    const now = this.#host.now()
    for (const { clock, wheel, far } of this.#near) {
      // It may have come due since the wheel was turned: then it rings at once.
      const next = wheel?.nextExpiry()
      if (next !== undefined) this.#ringAt(next - now[clock])
      // What is overdue beyond the horizon is being read.
      if (far > now[clock]) this.#ringAt(far - now[clock])
    }
    if (this.#rings - now.elapsed <= LONGEST_WAIT) return
    this.#callOffLook = this.#host.alarm(LONGEST_WAIT, () => this.#ring(), 'upkeep')
  }

  // Keeps the one alarm at the earliest moment asked for.
  #ringAt(wait: number): void {
    const ms = Math.max(wait, 0)
    const at = this.#host.now().elapsed + ms
    if (this.#stopped || at >= this.#rings) return
    this.#callOff?.()
    this.#rings = at
    this.#callOff = this.#host.alarm(ms, () => this.#ring())
  }

  #silence(): void {
    this.#callOff?.()
    this.#callOffLook?.()
    this.#callOff = undefined
    this.#callOffLook = undefined
    this.#rings = Number.POSITIVE_INFINITY
  }

  #readOn(): void {
    if (this.#reading) return
    this.#reading = true
    this.#read()
      .catch(error => this.#host.failed(error))
      .finally(() => {
        this.#reading = false
      })
  }

  // The horizon moves first, so that a timer set meanwhile is armed whether it is read or not.
  async #read(): Promise<void> {
    const now = this.#host.now()
    for (const near of this.#near) {
      const since = near.horizon
      near.horizon = now[near.clock] + NEAR
      near.far = Number.POSITIVE_INFINITY
      for await (const key of this.#host.stored(near.clock, since, Number.POSITIVE_INFINITY)) {
        this.arm(key)
        if (key.due >= near.horizon) break
      }
    }
  }

  #nearOf(clock: TimerClock): Near {
    const [elapsed, wall] = this.#near as [Near, Near]
    return clock === 'elapsed' ? elapsed : wall
  }
}

interface Due {
  readonly item: TimerKey
  readonly late: number
}

const near = (clock: TimerClock, now: number): Near => ({
  clock,
  wheel: undefined,
  now,
  horizon: Number.NEGATIVE_INFINITY,
  far: Number.POSITIVE_INFINITY,
})

const nameOf = ({ run, seq }: Pick<TimerKey, 'run' | 'seq'>): string => `${run}!${seq}`
