import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storyOf } from './moves.ts'
import { play } from './player.ts'
import { pairs, policiesOf, trios } from './policies.ts'

/** Stories of each policy and each pair; PERDURE_RUNS multiplies them for a long run. */
const STORIES = 4 * Number(process.env.PERDURE_RUNS ?? 1)

for (const names of [...pairs, ...trios]) {
  test(`${names.join(' with ')}: as a naive model has it`, async () => {
    await fc.assert(fc.asyncProperty(storyOf(policiesOf(names)), play), { numRuns: STORIES })
  }, 3_600_000)
}

test('every policy has its stories, with each of the others that it may be with', () => {
  expect(pairs).toHaveLength(11 + (11 * 10) / 2 - 1)
})
