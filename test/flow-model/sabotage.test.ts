import { expect, test } from 'vitest'
import { sabotages } from './sabotages.ts'
import { verdictOn } from './verdict.ts'

/** Stories a sabotage may survive at most. */
const MOST = 400
const SEED = 20260101

for (const sabotage of sabotages) {
  test(`notices that ${sabotage.name}`, async () => {
    const { law, what } = await verdictOn(sabotage, SEED, MOST)
    expect(sabotage.laws, what).toContain(law)
  }, 120_000)
}
