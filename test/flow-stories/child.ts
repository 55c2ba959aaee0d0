import fc from 'fast-check'
import { tellVerdict } from '../laws/verdict.ts'
import { play } from './player.ts'
import { stories } from './story.ts'

// Plays so many stories of a seed, and tells which law does not hold.

const [seed = '1', most = '1'] = process.argv.slice(2)

await tellVerdict(fc.sample(stories, { seed: Number(seed), numRuns: Number(most) }), play)
