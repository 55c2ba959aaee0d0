import { setImmediate as immediate } from 'node:timers'
import type { Engine } from '../engine/engine.ts'
import { openWith } from '../engine/open.ts'
import { type EngineOptions, settingsOf } from '../engine/options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { CheckedOptions } from './checked-options.ts'
import { VirtualClock } from './clock.ts'
import { Disk } from './disk.ts'

/** What differs from one life of the process to the next. */
export type LifeOptions = Pick<EngineOptions, 'workflows'> &
  Partial<Omit<EngineOptions, 'path' | 'store' | 'clock' | 'ids'>>

/** Rounds of the event loop without a sign of life after which everything is at rest. */
const QUIET = 2

/** What a machine is used for, if more is known of it. */
export interface MachineUse {
  /** Options that are the same at every start, but for `workflows` and `bodies`. */
  readonly checked?: CheckedOptions | undefined
  /**
   * Whether something may be under way that is not simulated. If not, one round of the event loop
   * comes when everything has had its turn. Default: always.
   */
  readonly isOutside?: () => boolean
}

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
  readonly #checked: CheckedOptions | undefined
  readonly #isOutside: () => boolean
  #life = 0
  // Not written where it is assigned: that would keep the machine until all memory is searched.
  readonly #died = (): void => this.#die()

  constructor(ids: Ids, { checked, isOutside = always }: MachineUse = {}) {
    this.#ids = ids
    this.#checked = checked
    this.#isOutside = isOutside
    this.disk.onCrash = this.#died
  }

  /** A process starts and opens the engine. It may die on the way: then there is no engine. */
  async boot(optionsOf: (isAlive: () => boolean) => LifeOptions): Promise<void> {
    this.#die()
    const life = this.#life
    const isAlive = (): boolean => this.#life === life
    const given = optionsOf(isAlive)
    const own = {
      path: 'simulated',
      store: this.disk.open(),
      ids: this.#ids,
      clock: mortal(this.clock, isAlive),
    }
    const opening = openWith(
      () => this.#checked?.of(given, own) ?? settingsOf({ retention: 'forever', ...given, ...own }),
    )
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
        // Whatever is simulated answers in ticks, and all of these come before a round.
        if (quiet < QUIET && this.#isOutside()) immediate(look)
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

const always = (): boolean => true

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
