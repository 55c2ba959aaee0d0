import { check } from 'perdure/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { correct } from './correct.ts'

/** More in the long programme: PERDURE_RUNS times as many. */
const SCHEDULES = 60 * Number(process.env.PERDURE_RUNS ?? 1)
const options = { regressions: false, schedules: SCHEDULES, ms: 3_600_000 } as const

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

describe('nothing is found in what is correct:', () => {
  for (const [name, spec] of Object.entries(correct)) {
    test(name, async () => {
      // Its schedules are as long as schedules may be.
      const schedules = name === 'endless' ? SCHEDULES / 6 : SCHEDULES
      const report = await check(spec, { ...options, schedules })
      expect(report.schedules).toBe(schedules)
      expect(report.unused).toEqual([])
      expect(report.behaviours).toBeGreaterThan(name === 'stubs' ? 0 : 1)
      expect(unhandled).toEqual([])
    })
  }
})

test('two searches at once see what each sees alone, and leave nothing behind', async () => {
  const [date, random] = [globalThis.Date, Math.random]
  const specs = [correct.handlers, correct.children] as const
  const run = (spec: (typeof specs)[number]) => check(spec ?? fail(), { ...options, schedules: 30 })
  const alone = [await run(specs[0]), await run(specs[1])]
  expect(await Promise.all(specs.map(run))).toEqual(alone)
  expect([globalThis.Date, Math.random]).toEqual([date, random])
})

test('what fails on the way is nowhere left unhandled', async () => {
  await check(correct.children ?? fail(), { ...options, schedules: 400, seed: 2 })
  expect(unhandled).toEqual([])
})

const fail = (): never => {
  throw new Error('no such spec')
}
