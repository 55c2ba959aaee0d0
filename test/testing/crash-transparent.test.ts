import { type WorkflowContext, workflow } from 'perdure'
import { check, PropertyFailed, type Spec } from 'perdure/testing'
import { expect, test } from 'vitest'
import { Rng } from '../../src/testing/rng.ts'
import { type Log, randomSpec } from './random-spec.ts'

/** More in the long programme: PERDURE_RUNS times as many. */
const PROGRAMS = 10 * Number(process.env.PERDURE_RUNS ?? 1)
const options = { regressions: false, ms: 3_600_000 } as const

test('crashes change nothing in programs whose steps may be repeated', async () => {
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const spec = randomSpec(new Rng(seed), (log, step) => {
      log[step] = 1
      return step
    })
    const { crashes: _, writes: __, ...faults } = spec.faults ?? {}
    const crashTransparent: Spec<Log>['crashTransparent'] = ({ world }) => world
    const search = check({ ...spec, faults, crashTransparent }, { ...options, schedules: 40, seed })
    await expect(search, `seed ${seed}`).resolves.toBeDefined()
  }
})

test('keys, chance and ids are the same with crashes as without', async () => {
  const drawing = workflow({ id: 'drawing' }, async ({ step }: WorkflowContext) => {
    const key = await step.run('key', ({ idempotencyKey }) => idempotencyKey)
    return [key, step.random(), step.uuid()]
  })
  const report = await check(
    { workflows: [drawing], crashTransparent: true },
    { ...options, schedules: 100 },
  )
  expect(report.schedules).toBe(100)
})

test('what counts how often it was called is found, with its world', async () => {
  const counting = workflow({ id: 'counting' }, async ({ step }: WorkflowContext) => {
    await Promise.all([step.run('other', () => {}), step.sleep('1h')])
    await step.run('count', () => {})
  })
  const spec: Spec<Log> = {
    workflows: [counting],
    world: () => ({ log: {} }),
    steps: { count: (_, { log }) => void Object.assign(log, { count: (log.count ?? 0) + 1 }) },
    crashTransparent: ({ world }) => world.log,
  }
  const found = await check(spec, options).catch((error: unknown) => error)
  expect(found).toBeInstanceOf(PropertyFailed)
  expect((found as Error).message).toMatch(/count: 2.*without crashes.*count: 1/s)
})
