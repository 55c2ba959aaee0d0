import { check, explore, PropertyFailed, replay } from 'perdure/testing'
import { describe, expect, test } from 'vitest'
import { planted } from './planted.ts'

const LONGEST_STORY = 12
/** More in the long programme: PERDURE_RUNS times as many. */
const SCHEDULES = 60 * Number(process.env.PERDURE_RUNS ?? 1)

describe('check, with its own settings, finds', () => {
  for (const { bug, broken } of planted) {
    test(bug, async () => {
      const found = await failureOf(check(broken, { regressions: false, ms: 60_000 }))
      expect(found.story.length).toBeLessThanOrEqual(LONGEST_STORY)
      const again = await failureOf(replay(broken, found.replay))
      expect(again.story).toEqual(found.story)
      expect(again.facts).toEqual(found.facts)
    })
  }
})

describe('check finds nothing wrong once it is put right:', () => {
  for (const { bug, right } of planted) {
    test(bug, async () => {
      const options = { regressions: false, schedules: SCHEDULES, ms: 3_600_000 } as const
      const report = await check(right, options)
      expect(report.schedules).toBe(SCHEDULES)
    })
  }
})

test('explore finds the bugs that need no chance', async () => {
  for (const { bug, broken } of planted) {
    const found = await failureOf(explore(broken, { ms: 60_000 }))
    expect(found.story.length, bug).toBeLessThanOrEqual(LONGEST_STORY)
    expect((await failureOf(replay(broken, found.replay))).story).toEqual(found.story)
  }
})

async function failureOf(search: Promise<unknown>): Promise<PropertyFailed> {
  const error = await search.then(
    report => {
      throw new Error(`nothing was found: ${JSON.stringify(report)}`)
    },
    (error: unknown) => error,
  )
  if (!(error instanceof PropertyFailed)) throw error
  return error
}
