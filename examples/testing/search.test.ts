import { check, explore, replay } from 'perdure/testing'
import { expect, test } from 'vitest'
import { comesBack, sound, thorough } from './specs.ts'

test('nobody is charged twice, whatever happens', async () => {
  await check(sound)
}, 30_000)

test('not with events and failures either', async () => {
  await check(thorough)
}, 30_000)

test('the schedule that charged twice does so no more', async () => {
  const story = await replay(sound, 'p1.01W.PH37Yg')
  expect(story).toContain('CRASH before that was recorded')
})

test('with one crash and one cancellation, in all schedules', async () => {
  const { isComplete, text } = await explore({
    ...sound,
    ...comesBack,
    faults: { crashes: 1, cancels: 1 },
  })
  expect(isComplete, text).toBe(true)
})
