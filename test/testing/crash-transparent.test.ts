import { cron, event, type WorkflowContext, workflow } from 'perdure'
import { check, explore, PropertyFailed, replay, type Spec } from 'perdure/testing'
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/testing/rng.ts'
import { printTape } from '../../src/testing/tape.ts'
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

const paid = event<'order/paid', { order: string }>('order/paid')
const both = { events: [paid({ order: 'a' }), paid({ order: 'b' })], crashTransparent: true }
const asked = (flow: object) =>
  workflow({ id: 'paid', triggers: paid, ...flow }, async ({ event, step }) => {
    await step.run('note', () => {})
    return event.data.order
  })

describe('what came in another order is no difference:', () => {
  const racing = workflow({ id: 'racing' }, async ({ step }: WorkflowContext) => {
    const said = async (signal: string) => {
      await step.waitForSignal(signal, { signal, timeout: '1d' })
      return signal
    }
    return Promise.race([said('yes'), said('no')])
  })
  const twice = workflow({ id: 'twice' }, async ({ step }: WorkflowContext) =>
    Promise.all([
      step.run('first', () => {}),
      step.waitForSignal('soon', { signal: 'go', timeout: '1h' }),
      step.waitForSignal('late', { signal: 'go', timeout: '2h' }),
    ]),
  )
  const daily = workflow({ id: 'daily', triggers: cron('0 9 * * *') }, async ({ step }) => {
    await step.run('note', () => {})
  })
  const waiting = workflow({ id: 'waiting' }, async ({ step }: WorkflowContext) => {
    const payment = await step.waitForEvent('paid', { event: paid, timeout: '1d' })
    return payment?.data.order
  })
  const specs: Record<string, Spec> = {
    signals: { workflows: [racing], signals: [{ signal: 'yes' }, { signal: 'no' }] },
    'signals that are missed': {
      workflows: [twice],
      signals: [{ signal: 'go', data: 1, repeats: 1 }],
    },
    'times of day': { workflows: [daily] },
    'events of one name': { ...both, workflows: [waiting], starts: [{ workflow: waiting }] },
    triggers: { ...both, workflows: [asked({})] },
    singleton: { ...both, workflows: [asked({ singleton: { mode: 'skip' } })] },
    debounce: { ...both, workflows: [asked({ debounce: { period: '1m' } })] },
    batches: { ...both, workflows: [asked({ batchEvents: { maxSize: 2, timeout: '1m' } })] },
    'a limit of rate': { ...both, workflows: [asked({ rateLimit: { limit: 1, period: '1h' } })] },
  }
  test.each(Object.entries(specs))('%s', async (_, spec) => {
    await check({ ...spec, crashTransparent: true }, { ...options, schedules: 60 })
  })

  test('nor are events of one name in all schedules there are', async () => {
    const { isComplete } = await explore({ ...both, workflows: [asked({})] })
    expect(isComplete).toBe(true)
  })
})

test('with events and signals a difference is found', async () => {
  const counting = workflow({ id: 'counting', triggers: paid }, async ({ step }) => {
    await step.waitForSignal('go', { signal: 'go', timeout: '1d' })
    return step.run('count', () => {})
  })
  const spec: Spec<Log> = {
    ...both,
    workflows: [counting],
    world: () => ({ log: {} }),
    signals: [{ signal: 'go' }],
    steps: {
      count: (_, { log }) => {
        log.count = (log.count ?? 0) + 1
        return log.count
      },
    },
  }
  await expect(check(spec, options)).rejects.toThrow(/without crashes/)
})

test('what comes by itself is waited for before what comes from outside', async () => {
  const counting = workflow({ id: 'counting', triggers: cron('0 9 * * *') }, async ({ step }) =>
    step.run('count', () => {}),
  )
  const spec: Spec<Log> = {
    workflows: [counting],
    world: () => ({ log: {} }),
    events: [paid({ order: 'a' })],
    steps: {
      count: (_, { log }) => {
        log.count = (log.count ?? 0) + 1
        return log.count
      },
    },
    crashTransparent: true,
  }
  // Time passes before the event, and at one of the first writes the process dies.
  const replays = [0, 1, 2, 3, 4].map(at => {
    const write = Array.from({ length: at + 1 }, (_, place) => (place === at ? 1 : 0))
    const tape = new Map(Object.entries({ schedule: [1], write }))
    return replay(spec, printTape(tape)).then(String, String)
  })
  expect((await Promise.all(replays)).join()).toMatch(/without crashes/)
})
