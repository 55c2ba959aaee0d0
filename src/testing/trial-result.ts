import type { CheckedOptions } from './checked-options.ts'
import type { Decision } from './choices.ts'
import type { Breach } from './property.ts'
import type { Request } from './requests.ts'
import type { Sightings } from './sightings.ts'
import type { StateParts } from './state-parts.ts'
import type { StoryLine } from './story.ts'
import type { Kind } from './stream.ts'
import type { Tape } from './tape.ts'
import type { View } from './view.ts'

/** One schedule: what was decided, and what came of it. */
export interface TrialResult<World> {
  readonly breach: Breach | undefined
  readonly story: readonly StoryLine[]
  readonly decisions: readonly Decision[]
  readonly tape: Tape
  readonly sightings: Sightings
  readonly end: View<World>
  readonly rows: ReadonlyMap<string, Uint8Array>
  /** Attempts of steps that came to something: `run-1/charge, attempt 2`. */
  readonly answered: ReadonlySet<string>
  /** What comes from outside. */
  readonly requests: readonly Request[]
  /** It was not carried to its end: it came to a known state, or took too long. */
  readonly isCut: boolean
  /** The decision at which it came to a known state. */
  readonly cutAt: number | undefined
}

export interface TrialOptions {
  /**
   * Moves after which nothing goes wrong any more and what is usual happens, for as many moves
   * again; then the schedule is cut. Default 200.
   */
  readonly moves?: number | undefined
  /** Of the engines, for all schedules that are given it. */
  readonly checked?: CheckedOptions | undefined
  /** A kind of decision that is not made: it is always 0. */
  readonly fixed?: Kind
  /** Asked at each rest, with what the state consists of: whether it was explored before. */
  readonly isKnown?: (state: StateParts, decisions: readonly Decision[]) => boolean
}

export const MOST_MOVES = 200
