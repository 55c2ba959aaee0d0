import fc from 'fast-check'
import { afterEach, test } from 'vitest'
import { type Examination, examinations } from './examine.ts'
import { plans } from './plan.ts'
import { watchScopes } from './scopes.ts'

/** Plans each examination goes through; PERDURE_RUNS multiplies them for a long run. */
const RUNS: { readonly [Law in Examination]: number } = {
  'every law holds, whatever goes wrong': 240,
  'every law holds, and every run is replayed after every turn': 40,
  'the same plan writes the same bytes': 45,
  'crashes do not change what a program comes to': 60,
  'a run that is parked disturbs no other': 45,
}

/**
 * An ordinary run goes through the same plans each time; a longer one, or one with PERDURE_SEED,
 * looks for new ones. A failure prints its seed.
 */
const ORDINARY_SEED = 1
const times = Number(process.env.PERDURE_RUNS ?? 1)
const { PERDURE_SEED } = process.env
const seed = PERDURE_SEED === undefined ? undefined : Number(PERDURE_SEED)
const chosen = times === 1 ? (seed ?? ORDINARY_SEED) : seed
const scopes = watchScopes()
afterEach(() => scopes.disable())

for (const [law, numRuns] of Object.entries(RUNS)) {
  test(law, { timeout: 120_000 * Math.max(1, times) }, async () => {
    const examine = examinations[law as Examination]
    const property = fc.asyncProperty(plans, async plan => {
      await examine(plan)
      scopes.disable()
    })
    await fc.assert(property, {
      numRuns: Math.ceil(numRuns * times),
      ...(chosen !== undefined && { seed: chosen }),
    })
  })
}
