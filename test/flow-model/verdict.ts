import fc from 'fast-check'
import { Broken, type Law } from './laws.ts'
import { storyOf } from './moves.ts'
import { play } from './player.ts'
import { policiesOf } from './policies.ts'
import type { Sabotage } from './sabotages.ts'

export interface Verdict {
  /** How many stories were played, the one that showed it included. */
  readonly stories: number
  /** What noticed it; nothing: nobody has. */
  readonly law: Law | undefined
  readonly what: string
}

/** Plays at most so many stories with a bug in the engine, until a law does not hold. */
export async function verdictOn(sabotage: Sabotage, seed: number, most: number): Promise<Verdict> {
  const restore = sabotage.apply()
  try {
    const stories = storyOf(policiesOf(sabotage.of))
    const options = { seed, numRuns: most, endOnFailure: true }
    const { numRuns, errorInstance } = await fc.check(fc.asyncProperty(stories, play), options)
    const law = errorInstance instanceof Broken ? errorInstance.law : undefined
    return { stories: numRuns, law, what: String(errorInstance) }
  } finally {
    restore()
  }
}
