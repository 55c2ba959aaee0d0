import { setImmediate as immediate } from 'node:timers/promises'
import { systemClock } from '../ports/clock.ts'
import { CheckedOptions } from './checked-options.ts'
import { type Decision, type Source, tapeSource } from './choices.ts'
import { examine } from './examine.ts'
import { throwSmallest } from './failing.ts'
import { KnownPaths } from './known-paths.ts'
import type { FaultDefaults } from './prepared.ts'
import type { Breach } from './property.ts'
import { Regressions } from './regressions.ts'
import { PropertyFailed } from './report.ts'
import { Rng } from './rng.ts'
import { Sightings } from './sightings.ts'
import type { Spec } from './spec.ts'
import { sourceFor } from './strategies/portfolio.ts'
import { singleFaults } from './strategies/single-faults.ts'
import { parseTape, type Tape } from './tape.ts'
import type { TrialOptions, TrialResult } from './trial-result.ts'
import { mustHaveSeen, unusedSteps } from './vacuity.ts'
import { mustBeOptions, mustBeSpec } from './valid-spec.ts'
import { whileReplaced } from './virtual-globals.ts'

/** How long `check` searches, and what it keeps. */
export interface CheckOptions {
  /** What the search is drawn from: the same seed, the same schedules. Default 1. */
  readonly seed?: number | undefined
  /** The most schedules, those included that are drawn again. Default 2,000. */
  readonly schedules?: number | undefined
  /** The most time, in milliseconds. Default 4,000. */
  readonly ms?: number | undefined
  /** The most moves of one schedule; after them, as many without faults. Default 200. */
  readonly moves?: number | undefined
  /**
   * What failed once is kept in this directory under `name`, and run first next time; `false` keeps
   * nothing. Default `.perdure`.
   */
  readonly regressions?: string | false | undefined
  /** Default: the ids of the workflows. */
  readonly name?: string | undefined
  /** The most time to find a shorter schedule that fails, in milliseconds. Default 10,000. */
  readonly shrinkMs?: number | undefined
}

/** What `check` has done, when it found nothing. */
export interface CheckReport {
  /** Schedules that were drawn. */
  readonly schedules: number
  /** Of these, those that had been run before, from the first to the last decision: not run again. */
  readonly repeated: number
  /** Of these, those that did not come to an end: `moves` were not enough. */
  readonly cut: number
  /** Kinds of behaviour that were seen. */
  readonly behaviours: number
  /** Names in `steps` that no step had that ran. */
  readonly unused: readonly string[]
  readonly seed: number
}

const DEFAULTS: FaultDefaults = { crashes: 2, writes: 1 }
const CORPUS = 200
/** Schedules that are known may follow on each other without end: after so many others are let in. */
const TURN = 100

/**
 * Runs a workflow in many schedules, with every kind of order, outcome and fault that the spec
 * allows, drawn at random. Throws {@link PropertyFailed} with the shortest failing one it finds, and
 * {@link NeverReached} if a `sometimes` was never reached; DEFINITION_INVALID for a spec that is not
 * valid.
 *
 * @example
 * await check({
 *   workflows: [order],
 *   world: () => ({ charges: 0 }),
 *   steps: { charge: (_, world) => { world.charges++ } },
 *   properties: { always: { 'charged once': ({ world }) => world.charges <= 1 } },
 * })
 */
export async function check<World = undefined>(
  spec: Spec<World>,
  options: CheckOptions = {},
): Promise<CheckReport> {
  mustBeSpec(spec)
  mustBeOptions(options)
  return whileReplaced(() => new Search(spec, options).run())
}

class Search<World> {
  readonly #spec: Spec<World>
  readonly #seed: number
  readonly #most: number
  readonly #until: number
  readonly #regressions: Regressions | undefined
  readonly #sightings = new Sightings()
  readonly #trial: TrialOptions
  readonly #shrinkMs: number | undefined
  readonly #behaviours = new Set<string>()
  readonly #corpus: Tape[] = []
  readonly #paths = new KnownPaths()
  #schedules = 0
  #repeated = 0
  #cut = 0

  constructor(spec: Spec<World>, options: CheckOptions) {
    const { seed = 1, schedules = 2_000, ms = 4_000, regressions = '.perdure', name } = options
    this.#spec = spec
    this.#trial = { moves: options.moves, checked: new CheckedOptions() }
    this.#shrinkMs = options.shrinkMs
    this.#seed = seed
    this.#most = schedules
    this.#until = systemClock.elapsed() + ms
    this.#regressions =
      regressions === false ? undefined : new Regressions(regressions, name ?? nameOf(spec))
  }

  async run(): Promise<CheckReport> {
    for (const tape of (await this.#regressions?.read()) ?? [])
      await this.#examine(tapeSource(tape))
    const { decisions = [] } = (await this.#try(() => 0)) ?? {}
    for (const tape of singleFaults(decisions)) {
      if (this.#isOver()) break
      await this.#try(tapeSource(tape))
    }
    await this.#wander(decisions)
    mustHaveSeen(this.#spec, this.#sightings, this.#schedules)
    return this.#report()
  }

  #report(): CheckReport {
    const unused = unusedSteps(this.#spec.steps, this.#sightings.used)
    return {
      schedules: this.#schedules,
      repeated: this.#repeated,
      cut: this.#cut,
      behaviours: this.#behaviours.size,
      unused,
      seed: this.#seed,
    }
  }

  async #wander(happy: readonly Decision[]): Promise<void> {
    const rng = new Rng(this.#seed)
    for (let index = 1; !this.#isOver(); index++) {
      await this.#try(sourceFor(index, rng, this.#corpus, happy))
    }
  }

  /** Runs what a source decides, unless it has been run. */
  async #try(source: Source): Promise<TrialResult<World> | undefined> {
    const walk = this.#paths.leave(source)
    if (walk === undefined) {
      this.#schedules++
      // Nothing is run that others in this process could have their turn beside.
      if (++this.#repeated % TURN === 0) await immediate()
      return undefined
    }
    const result = await this.#examine(walk.source)
    walk.end()
    return result
  }

  async #examine(source: Source): Promise<TrialResult<World>> {
    this.#schedules++
    const result = await examine(this.#spec, DEFAULTS, source, this.#trial)
    if (result.breach !== undefined) return this.#fail(result, result.breach)
    if (result.isCut) this.#cut++
    this.#sightings.add(result.sightings)
    const behaviour = behaviourOf(result)
    if (!this.#behaviours.has(behaviour) && this.#corpus.length < CORPUS) {
      this.#corpus.push(result.tape)
    }
    this.#behaviours.add(behaviour)
    return result
  }

  #fail(found: TrialResult<World>, breach: Breach): Promise<never> {
    return throwSmallest({
      spec: this.#spec,
      defaults: DEFAULTS,
      trial: this.#trial,
      found,
      breach,
      schedules: this.#schedules,
      seed: this.#seed,
      regressions: this.#regressions,
      shrinkMs: this.#shrinkMs,
    })
  }

  #isOver(): boolean {
    return this.#schedules >= this.#most || systemClock.elapsed() >= this.#until
  }
}

/**
 * Runs the schedule of a replay string, and gives its story. Throws {@link PropertyFailed} if it
 * fails, still. `moves` are those of the search that found it, if it had any.
 */
export async function replay<World = undefined>(
  spec: Spec<World>,
  tape: string,
  options: Pick<CheckOptions, 'moves'> = {},
): Promise<readonly string[]> {
  mustBeSpec(spec)
  mustBeOptions(options)
  const result = await examine(spec, DEFAULTS, tapeSource(parseTape(tape)), options)
  const { breach } = result
  if (breach === undefined) return result.story.map(({ text }) => text)
  const nothing = { seed: undefined, journal: undefined, shrinking: 0, isSmallest: true }
  throw new PropertyFailed({ breach, result, schedules: 1, ...nothing })
}

const behaviourOf = ({ end }: TrialResult<unknown>): string =>
  JSON.stringify(end.runs.map(({ status, timeline }) => [status, timeline]))

function nameOf<World>({ workflows, world }: Spec<World>): string {
  const made = typeof workflows === 'function' ? workflows(world?.() as World) : workflows
  return made.map(({ id }) => id).join('+')
}
