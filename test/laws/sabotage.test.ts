import { describe, expect, test } from 'vitest'
import { oneForEachLaw, sabotages } from './sabotages.ts'
import { verdictOn } from './trial-of-sabotage.ts'

/** Plans a sabotage may survive at most. `npm run sabotages` tries all, and prints how many each does. */
const MOST = 2_000
/** Plans that the sound program goes through. */
const SOUND = 150
const SEED = 20260101

// Each takes more than a second: the others are tried by `npm run sabotages`.
const some = oneForEachLaw().filter((_, at) => at % 6 === 0)

describe('the laws', { concurrent: true, timeout: 300_000 }, () => {
  test('hold for the sound program', async () => {
    const { plans, law, fault } = await verdictOn(undefined, SEED, SOUND)
    expect({ plans, law, fault }).toEqual({ plans: SOUND })
  })

  for (const sabotage of some) {
    test(`notice: ${sabotage.name}`, async () => {
      const { law } = await verdictOn(sabotage, SEED, MOST)
      expect(sabotage.laws).toContain(law)
    })
  }

  test('are held against fifty sabotages and more', () => {
    expect(new Set(sabotages.map(({ name }) => name)).size).toBeGreaterThanOrEqual(50)
  })
})
