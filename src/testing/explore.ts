import { systemClock } from '../ports/clock.ts'
import { CheckedOptions } from './checked-options.ts'
import type { Decision, Source } from './choices.ts'
import { Enumeration } from './enumeration.ts'
import { examine } from './examine.ts'
import { throwSmallest } from './failing.ts'
import type { FaultDefaults } from './prepared.ts'
import { Sightings } from './sightings.ts'
import type { Spec } from './spec.ts'
import { stateKey } from './state-key.ts'
import type { StateParts } from './state-parts.ts'
import type { TrialOptions, TrialResult } from './trial-result.ts'
import { mustHaveSeen, unusedSteps } from './vacuity.ts'
import { mustBeOptions, mustBeSpec } from './valid-spec.ts'
import { whileReplaced } from './virtual-globals.ts'

/** Where `explore` gives up. */
export interface ExploreOptions {
  /** The most schedules. Default 100,000. */
  readonly schedules?: number | undefined
  /** The most time, in milliseconds. Default 60,000. */
  readonly ms?: number | undefined
  /** The most moves of one schedule. Default 200. */
  readonly moves?: number | undefined
  /** The most time to find a shorter schedule that fails, in milliseconds. Default 10,000. */
  readonly shrinkMs?: number | undefined
}

/** What `explore` has gone through. */
export interface Explored {
  /** Whether every schedule within the bounds was gone through. */
  readonly isComplete: boolean
  readonly schedules: number
  /** Different states that were come to. */
  readonly states: number
  /** Schedules that were longer than `moves`: what comes after is not known. */
  readonly tooLong: number
  /** How much of all schedules that was, from 0 to 1, as far as it can be told. */
  readonly share: number
  /** Names in `steps` that no step had that ran. */
  readonly unused: readonly string[]
  /** All of it in one line. */
  readonly text: string
}

const DEFAULTS: FaultDefaults = { crashes: 1, writes: 0 }

/**
 * Goes through all schedules of a spec: every order, every outcome, every place of every fault it
 * allows. Schedules that come to a state another one came to are not followed further. Data from
 * arbitraries or schemas is what comes first. Says how far it came if the bounds do not suffice.
 * Throws as `check`.
 *
 * @example
 * const { isComplete } = await explore({ ...spec, faults: { crashes: 1, cancels: 1 } })
 */
export async function explore<World = undefined>(
  spec: Spec<World>,
  options: ExploreOptions = {},
): Promise<Explored> {
  mustBeSpec(spec)
  mustBeOptions(options)
  return whileReplaced(() => new Exploration(spec, options).run())
}

class Exploration<World> {
  readonly #spec: Spec<World>
  readonly #most: number
  readonly #trial: TrialOptions
  readonly #shrinkMs: number | undefined
  readonly #until: number
  readonly #tree = new Enumeration()
  /** Each with the answers that it was first come to by. */
  readonly #states = new Map<string, string>()
  readonly #sightings = new Sightings()
  #schedules = 0
  #tooLong = 0

  constructor(
    spec: Spec<World>,
    { schedules = 100_000, ms = 60_000, moves = 200, shrinkMs }: ExploreOptions,
  ) {
    this.#spec = spec
    this.#most = schedules
    this.#trial = { moves, checked: new CheckedOptions() }
    this.#shrinkMs = shrinkMs
    this.#until = systemClock.elapsed() + ms
  }

  async run(): Promise<Explored> {
    for (let source = this.#tree.next(); source !== undefined; source = this.#tree.next()) {
      if (this.#schedules === this.#most || systemClock.elapsed() > this.#until) break
      this.#take(await this.#examine(source))
    }
    const { isComplete } = this.#tree.progress
    if (isComplete) mustHaveSeen(this.#spec, this.#sightings, this.#schedules)
    return this.#report()
  }

  async #examine(source: Source): Promise<TrialResult<World>> {
    this.#schedules++
    const { repeats } = this.#tree
    const result = await examine(this.#spec, DEFAULTS, source, {
      ...this.#trial,
      fixed: 'data',
      isKnown: (state, decisions) => decisions.length >= repeats && this.#isKnown(state, decisions),
    })
    if (result.breach === undefined) return result
    return throwSmallest({
      spec: this.#spec,
      defaults: DEFAULTS,
      trial: this.#trial,
      found: result,
      breach: result.breach,
      schedules: this.#schedules,
      seed: undefined,
      regressions: undefined,
      shrinkMs: this.#shrinkMs,
    })
  }

  #take(result: TrialResult<World>): void {
    this.#sightings.add(result.sightings)
    if (result.isCut && result.cutAt === undefined) this.#tooLong++
    this.#tree.done(result.decisions, result.cutAt)
  }

  // A state is come to again and again on the way to what lies behind it.
  #isKnown(state: StateParts, decisions: readonly Decision[]): boolean {
    const key = stateKey(state)
    if (key === undefined) return false
    const path = decisions.map(({ value }) => value).join()
    const first = this.#states.get(key)
    if (first === undefined) this.#states.set(key, path)
    return first !== undefined && first !== path
  }

  #report(): Explored {
    const { share, isComplete: isThrough } = this.#tree.progress
    const isComplete = isThrough && this.#tooLong === 0
    const schedules = this.#schedules
    const states = this.#states.size
    const counts = `${schedules.toLocaleString('en')} schedules, ${states.toLocaleString('en')} states`
    const text = isComplete
      ? `complete: ${counts}`
      : `not complete: ${counts}, about ${Math.floor(share * 100)} % of all`
    const unused = unusedSteps(this.#spec.steps, this.#sightings.used)
    return { isComplete, schedules, states, tooLong: this.#tooLong, share, unused, text }
  }
}
