import { setImmediate as immediate } from 'node:timers'
import type { Engine } from '../engine/engine.ts'
import { openEngine } from '../engine/open.ts'
import type { EngineOptions } from '../engine/options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import { VirtualClock } from './clock.ts'
import { Disk } from './disk.ts'

/** What differs from one life of the process to the next. */
export type LifeOptions = Pick<EngineOptions, 'workflows'> &
  Partial<Omit<EngineOptions, 'path' | 'store' | 'clock' | 'ids'>>

/** Rounds of the event loop without a sign of life after which everything is at rest. */
const QUIET = 2

/**
 * A machine with a disk and a clock of its own, and on it one process after another that an engine
 * runs in. What a process had in memory dies with it: its alarms ring no more, its disk never
 * answers.
 */
export class Machine {
  readonly clock = new VirtualClock()
  readonly disk = new Disk({ later: then => process.nextTick(then) })
  /** Grows with every sign of life that the disk does not see. */
  activity = 0
  engine: Engine | undefined
  /** Why the last opening did not succeed. */
  failure: unknown
  readonly #ids: Ids
  #life = 0
  // Not written where it is assigned: that would keep the machine until all memory is searched.
  readonly #died = (): void => this.#die()

  constructor(ids: Ids) {
    this.#ids = ids
    this.disk.onCrash = this.#died
  }

  /** A process starts and opens the engine. It may die on the way: then there is no engine. */
  async boot(optionsOf: (isAlive: () => boolean) => LifeOptions): Promise<void> {
    this.#die()
    const life = this.#life
    const isAlive = (): boolean => this.#life === life
    const opening = openEngine({
      retention: 'forever',
      ...optionsOf(isAlive),
      path: 'simulated',
      store: this.disk.open(),
      ids: this.#ids,
      clock: mortal(this.clock, isAlive),
    })
    opening.then(
      engine => {
        if (isAlive()) this.engine = engine
      },
      error => {
        if (isAlive()) this.failure = error
      },
    )
    await this.settle()
  }

  /** The process ends as it should. */
  async stop(): Promise<void> {
    void this.engine?.close()
    await this.settle()
    this.#die()
  }

  /** The process dies: what was not on the disk is lost. */
  crash(): void {
    this.disk.crash()
  }

  /** Lets everything happen that needs no time. */
  settle(): Promise<void> {
    return new Promise(resolve => {
      let before = -1
      let quiet = 0
      const look = (): void => {
        const now = this.disk.accesses + this.activity
        quiet = now === before ? quiet + 1 : 0
        before = now
        if (quiet < QUIET) immediate(look)
        else resolve()
      }
      immediate(look)
    })
  }

  #die(): void {
    this.#life++
    this.engine = undefined
    this.failure = undefined
    this.clock.forget()
  }
}

const nextTick = (): Promise<void> => new Promise(resolve => process.nextTick(resolve))

const mortal = (clock: VirtualClock, isAlive: () => boolean): Clock => ({
  wall: () => clock.wall(),
  elapsed: () => clock.elapsed(),
  alarm(ms, ring, purpose) {
    if (!isAlive()) return () => {}
    return clock.alarm(ms, () => (isAlive() ? ring() : undefined), purpose)
  },
  // Who waits for everything to come to rest would not see that somebody makes a pause.
  breathe: nextTick,
})
