import type { Input } from '../../journal/entry.ts'
import type { TimerKey } from '../../journal/keys.ts'
import type { Mail, Run } from '../run/run.ts'
import type { Loop } from './loop.ts'
import type { Residents } from './residents.ts'

const LOADED_AT_ONCE = 64

const NOTHING = Promise.resolve()

/** Brings inputs to runs, wherever they are: in memory, or on disk only. */
export class Postman {
  readonly #loop: Loop
  readonly #residents: Residents
  readonly #mustBeReadable: (run: string) => void
  readonly #discard: (run: string) => Promise<void>
  #firing = NOTHING
  /** Due timers of runs that may not come to life yet, in due order. */
  #held: TimerKey[] = []

  /** `mustBeReadable` throws why a run could not be read, if it was not for having ended. */
  constructor(
    loop: Loop,
    residents: Residents,
    mustBeReadable: (run: string) => void,
    discard: (run: string) => Promise<void>,
  ) {
    this.#loop = loop
    this.#residents = residents
    this.#mustBeReadable = mustBeReadable
    this.#discard = discard
  }

  /** Resolves when the input is durable, or when the run has ended. */
  post(id: string, input: Input): Promise<void> {
    return this.#post(id, { input })
  }

  async #post(id: string, mail: Mail): Promise<void> {
    let run = this.#residents.get(id)
    // What was loaded may have had to leave again before it could be given its input.
    while (run === undefined) {
      const loaded = await this.#residents.load(id).catch(error => {
        this.#mustBeReadable(id)
        throw error
      })
      if (loaded === undefined) return this.#mustBeReadable(id)
      run = this.#residents.get(id)
    }
    await this.#send(run, mail)
  }

  /**
   * Brings a run into memory that has mail. Mail for a run that has ended is thrown away, that for
   * one which cannot be read is kept.
   */
  fetch(id: string): void {
    this.#residents
      .load(id)
      .then(run => {
        if (run !== undefined) return
        this.#mustBeReadable(id)
        return this.#discard(id)
      })
      .catch(ignore)
  }

  /** Timers are due: their runs have their turns in this order. */
  fire(due: readonly TimerKey[]): void {
    this.#firing = this.#firing.then(() => this.#fire(due)).catch(ignore)
  }

  // Runs that are not in memory are loaded side by side, but get their inputs in due order. A run
  // that may not come to life yet does not keep the others waiting.
  async #fire(all: readonly TimerKey[]): Promise<void> {
    const due = all.filter(key => this.#mayFire(key))
    for (let at = 0; at < due.length; at += LOADED_AT_ONCE) {
      const next = due.slice(at, at + LOADED_AT_ONCE)
      await Promise.all(next.map(({ run }) => this.#residents.load(run)))
      for (const { run, seq, due } of next) {
        const mail = { input: { type: 'timer.fired', of: seq }, due } as const
        const resident = this.#residents.get(run)
        if (resident !== undefined) this.#send(resident, mail).catch(ignore)
        else await this.#post(run, mail).catch(ignore)
      }
    }
  }

  #mayFire(key: TimerKey): boolean {
    const admitted = this.#residents.admit(key.run)
    if (admitted === undefined) return true
    this.#held.push(key)
    void admitted.then(mayLive => (mayLive ? this.#fireHeld() : undefined))
    return false
  }

  // Runs that are let in together have one due order.
  #fireHeld(): void {
    const due: TimerKey[] = []
    const held: TimerKey[] = []
    for (const key of this.#held) {
      if (this.#residents.admit(key.run) === undefined) due.push(key)
      else held.push(key)
    }
    this.#held = held
    if (due.length > 0) this.fire(due)
  }

  #send(run: Run, mail: Mail): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#loop.send(run, { ...mail, ack: { resolve, reject } })
    })
  }
}

// Whoever needs to know of a failure is told by the engine's own.
const ignore = (): void => {}
