import { event, type WorkflowContext, workflow } from 'perdure'
import { check, explore, PropertyFailed, type Spec, testEngine } from 'perdure/testing'
import { describe, expect, test } from 'vitest'

/** A stock of which each run takes one, if there is one. */
class Stock {
  left = 1
  sold = 0
  readonly seen: unknown[] = []
}

const order = event<'order', { n: number }>('order')
/** A crash anywhere in the long programme: that takes a minute. */
const CRASHES = process.env.PERDURE_RUNS === undefined ? 0 : 1
const calm = { crashes: 0, writes: 0 }
const allEnd = {
  'all have ended': ({ runs }: { runs: readonly { status: string }[] }) =>
    runs.every(({ status }) => ['completed', 'cancelled', 'skipped'].includes(status)),
}

const shop = (flow: object) =>
  workflow({ id: 'shop', ...flow }, async ({ step }: WorkflowContext) => {
    const left = await step.run('look', () => 0)
    await step.sleep('think', '10s')
    if (left > 0) await step.run('take', () => {})
  })

const selling = (flow: object): Spec<Stock> => ({
  world: () => new Stock(),
  workflows: [shop(flow)],
  starts: [{ workflow: 'shop' }, { workflow: 'shop' }],
  steps: {
    look: (_, world) => world.left,
    take: (_, world) => {
      world.left--
      world.sold++
    },
  },
  faults: calm,
  properties: {
    always: { 'nothing is sold twice': ({ world }) => world.sold <= 1 },
    eventually: allEnd,
  },
})

describe('limits under every order', () => {
  test('what looks and takes later sells twice, also one step at a time', async () => {
    await expect(explore(selling({}))).rejects.toThrow(PropertyFailed)
    const bySteps = selling({ concurrency: 1 })
    await expect(explore(bySteps)).rejects.toThrow('nothing is sold twice')
  })

  test('one run at a time sells once', async () => {
    const spec = selling({ concurrency: { limit: 1, per: 'run' } })
    expect((await explore(spec)).text).toMatch(/^complete/)
    const single = { ...selling({ singleton: { mode: 'skip' } }) }
    expect((await explore(single)).isComplete).toBe(true)
  })

  test('a crash lets nobody in twice', async () => {
    const spec = selling({ concurrency: { limit: 1, per: 'run' } })
    const crashing = {
      ...spec,
      faults: { crashes: 1, writes: 0 },
      steps: {
        look: (_: unknown, world: Stock) => world.left,
        // Safe to repeat.
        take: (_: unknown, world: Stock) => {
          world.left = 0
          world.sold = 1
        },
      },
    }
    const { isComplete, text } = await explore(crashing)
    expect(isComplete, text).toBe(true)
  })
})

const policies: { readonly [name: string]: object } = {
  'concurrency of steps': { concurrency: 1 },
  'concurrency of runs': { concurrency: { limit: 1, per: 'run', key: 'event.data.n' } },
  throttle: { throttle: { limit: 1, period: '10s' } },
  'rate limit': { rateLimit: { limit: 1, period: '10s' } },
  idempotency: { idempotency: 'event.data.n' },
  debounce: { debounce: { period: '5s', mode: 'all' } },
  'debounce, newest': { debounce: { period: '5s' } },
  'debounce, leading': { debounce: { period: '5s', edge: 'leading' } },
  batch: { batchEvents: { maxSize: 2, timeout: '5s' } },
  priority: { priority: 'event.data.n', concurrency: { limit: 1, per: 'run' } },
  'singleton, skipping': { singleton: { mode: 'skip' } },
  'singleton, cancelling': { singleton: { mode: 'cancel' } },
  timeouts: { timeouts: { start: '1m', finish: '1m' }, throttle: { limit: 1, period: '10s' } },
}

describe('every policy', () => {
  for (const [name, flow] of Object.entries(policies)) {
    const collect = workflow(
      { id: 'collect', triggers: order, ...flow },
      async ({ events, step }) => {
        const values = events.map(({ data }) => data.n)
        await step.run('note', () => {})
        return values
      },
    )
    const spec: Spec<Stock> = {
      world: () => new Stock(),
      workflows: [collect],
      events: [order({ n: 1 }), order({ n: 2 })],
      steps: {
        note: ({ idempotencyKey }, world) => {
          if (!world.seen.includes(idempotencyKey)) world.seen.push(idempotencyKey)
        },
      },
      faults: { crashes: CRASHES, writes: 0 },
      properties: { eventually: allEnd },
    }
    test(`${name}: explored whole, and checked with crashes`, { timeout: 120_000 }, async () => {
      const { isComplete, text } = await explore(spec, { schedules: 20_000 })
      expect(isComplete, text).toBe(true)
      await check({ ...spec, faults: {} }, { schedules: 60, ms: 2_000 })
    })
  }

  test('gathering is transparent to crashes', async () => {
    const pack = workflow(
      { id: 'pack', triggers: order, batchEvents: { maxSize: 2, timeout: '5s' } },
      async ({ events, step }) => step.run('pack', () => events.map(({ data }) => data.n).sort()),
    )
    const { isComplete } = await explore({
      workflows: [pack],
      // Which comes first is for the schedule to say: there is one.
      events: [order({ n: 1 })],
      crashTransparent: true,
    })
    expect(isComplete).toBe(true)
  })
})

test('what was skipped says why', async () => {
  const once = workflow({ id: 'once', singleton: { mode: 'skip' } }, async ({ step }) => {
    await step.sleep('1m')
  })
  const pack = workflow(
    { id: 'pack', batchEvents: { maxSize: 2, timeout: '5s' } },
    async ({ events }) => events.length,
  )
  await using engine = await testEngine({ workflows: [once, pack] })
  await engine.start(once, undefined, { id: 'first' })
  const second = await engine.start(once, undefined)
  expect([second.status, second.reason]).toEqual(['skipped', 'singleton'])
  const one = await engine.start(pack, undefined)
  const other = await engine.start(pack, undefined)
  await engine.settle()
  expect([one.status, one.output]).toEqual(['completed', 2])
  expect([other.status, other.reason, other.continuedAs]).toEqual(['skipped', 'joined', one.id])
})
