import fc from 'fast-check'
import { test } from 'vitest'
import { play } from './player.ts'
import { stories } from './story.ts'

/** PERDURE_RUNS multiplies them for a long run. */
const STORIES = 80

/**
 * An ordinary run plays the same stories each time; a longer one, or one with PERDURE_SEED, looks for
 * new ones. A failure prints its seed.
 */
const ORDINARY_SEED = 1
const times = Number(process.env.PERDURE_RUNS ?? 1)
const { PERDURE_SEED } = process.env
const seed = PERDURE_SEED === undefined ? undefined : Number(PERDURE_SEED)
const chosen = times === 1 ? (seed ?? ORDINARY_SEED) : seed

test('three workflows with limits keep them, lose nothing, and can say what they wait for', async () => {
  await fc.assert(fc.asyncProperty(stories, play), {
    numRuns: Math.ceil(STORIES * times),
    ...(chosen !== undefined && { seed: chosen }),
  })
}, 3_600_000)
