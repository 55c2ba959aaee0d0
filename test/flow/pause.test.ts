import { describe, expect, onTestFinished, test } from 'vitest'
import { event, openEngine, RetryAfterError, workflow } from '../../src/index.ts'
import { testEngine } from '../../src/testing/index.ts'
import { job, jobs, type Make, Story } from './story.ts'

const order = event<'order', { shop: string; n: number }>('order')

type Options = Pick<Parameters<typeof workflow>[0], 'concurrency' | 'throttle' | 'retries'>

/** Sells and ships; `sold` is what was done. `busy` shops say: slow down, each once. */
async function shops(options: Options = {}, scope?: 'key' | 'workflow' | 'engine') {
  const sold: string[] = []
  const busy = new Set<string>()
  const sell = workflow({ id: 'sell', triggers: order, ...options }, async ({ event, step }) => {
    const { shop, n } = event.data as { shop: string; n: number }
    await step.run('sell', () => {
      if (scope && busy.delete(shop)) throw new RetryAfterError('slow down', '10m', { scope })
      sold.push(`${shop}${n}`)
    })
    await step.sleep('ship later', '1m')
    await step.run('ship', () => {
      sold.push(`${shop}${n} shipped`)
    })
  })
  const other = workflow({ id: 'other', triggers: order }, async ({ event, step }) => {
    await step.run('log', () => {
      sold.push(`log ${event.data.shop}${event.data.n}`)
    })
  })
  const engine = await testEngine({ workflows: [sell, other] })
  onTestFinished(() => engine.close())
  const send = (shop: string, n: number) => engine.send(order({ shop, n }))
  const starts = () => sold.filter(each => /^[a-z]\d$/.test(each))
  return { engine, sell, sold, busy, send, starts }
}

const keyed = { concurrency: { limit: 5, key: 'event.data.shop' } } as const

describe('a pause', () => {
  test('of everything holds what comes, in order, over a crash, until it is resumed', async () => {
    const { engine, send, sold, starts } = await shops()
    await engine.admission.pause()
    for (const n of [1, 2, 3]) await send('a', n)
    await engine.crash()
    await engine.advance('30d')
    expect(sold).toEqual([])
    expect(engine.stats().waitingRuns).toBe(6)
    await engine.admission.resume()
    await engine.settle()
    expect(starts()).toEqual(['a1', 'a2', 'a3'])
    expect(engine.stats().waitingRuns).toBe(0)
  })

  test('of a workflow leaves the others alone, and holds steps of runs that have begun', async () => {
    const { engine, sell, send, sold } = await shops()
    await send('a', 1)
    await engine.settle()
    await engine.admission.pause({ workflow: sell })
    await send('a', 2)
    await engine.advance('1h')
    expect(sold).toEqual(['a1', 'log a1', 'log a2'])
    await engine.admission.resume({ workflow: 'sell' })
    await engine.settle()
    expect(sold.slice(3).sort()).toEqual(['a1 shipped', 'a2'])
  })

  test('of a key is over by itself after a time', async () => {
    const { engine, send, starts } = await shops(keyed)
    await engine.admission.pause({ workflow: 'sell', key: 'a' }, { for: '1h' })
    for (const shop of ['a', 'b', 'a']) await send(shop, 1)
    await engine.advance('59m')
    expect(starts()).toEqual(['b1'])
    await engine.crash()
    await engine.advance('1m')
    expect(starts()).toEqual(['b1', 'a1', 'a1'])
  })

  test('of a workflow without limits holds its steps that wait for a place of the engine', async () => {
    await using t = await Story.of([jobs({ id: 'busy' }), jobs({ id: 'plain' })], {
      concurrency: 1,
    })
    const [busy, plain] = t.workflows([jobs({ id: 'busy' }), jobs({ id: 'plain' })])
    await t.engine.start(busy!, { name: 'x', works: true })
    await t.engine.start(plain!, { name: 'a' })
    await t.engine.settle()
    await t.engine.admission.pause({ workflow: 'plain' })
    await t.done('x')
    await t.engine.start(busy!, { name: 'y' })
    await t.engine.settle()
    expect(t.told.map(line => line.split(' ')[1])).toEqual(['+x', '-x', '+y', '-y'])
    const [reason] = (await t.engine.why(t.run('a'))).waitsFor
    expect(reason).toMatchObject({ kind: 'step', limit: { kind: 'pause', of: 'plain' } })
    await t.engine.admission.resume({ workflow: 'plain' })
    await t.engine.settle()
    expect(t.ends).toEqual(['x completed', 'a completed', 'y completed'])
  })

  test.each([
    ['nothing', async () => {}],
    ['a pause', (t: Story) => t.engine.admission.pause({ workflow: 'jobs' }, { for: '2s' })],
    ['a drain', (t: Story) => t.engine.admission.drain({ workflow: 'jobs' })],
  ])(
    'steps stand in the order of their runs, whether there was %s meanwhile',
    async (_, happens) => {
      await using t = await Story.of([jobs(), jobs({ id: 'busy' })], { concurrency: 1 })
      const [plain, busy] = t.workflows([jobs(), jobs({ id: 'busy' })])
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await t.engine.start(plain!, { name, takes: name < 'c' ? '10s' : '15s' })
        await t.pass('1s')
      }
      await t.engine.start(busy!, { name: 'x', works: true })
      await t.pass('9s')
      // The first are in line, the others not yet.
      await happens(t)
      await t.pass('20s')
      const before = t.told.length
      await t.done('x')
      await t.engine.settle()
      const after = t.told.slice(before).map(line => line.split(' ')[1])
      expect(after).toEqual(['-a', '-b', '-c', '-d', '-e', '-x'])
    },
  )

  test('names what it cannot pause', async () => {
    const { engine } = await shops()
    const code = (scope: object) =>
      Promise.resolve()
        .then(() => engine.admission.pause(scope))
        .catch(error => error.code)
    expect(await code({ workflow: 'sale' })).toBe('WORKFLOW_UNKNOWN')
    expect(await code({ workflow: 'sell', key: 'a' })).toBe('DEFINITION_INVALID')
    expect(await code({ key: 'a' })).toBe('WORKFLOW_UNKNOWN')
  })
})

describe('a drain', () => {
  test('skips what comes, and lets go on what was there, over a crash', async () => {
    const { engine, sell, send, sold } = await shops()
    await send('a', 1)
    await engine.settle()
    await engine.admission.drain({ workflow: sell })
    await engine.crash()
    await send('a', 2)
    const run = await engine.start(sell, { shop: 'b', n: 1 })
    await engine.advance('1h')
    expect(sold.filter(each => !each.startsWith('log'))).toEqual(['a1', 'a1 shipped'])
    expect(run.status).toBe('skipped')
    expect(await engine.why(run)).toMatchObject({
      waitsFor: [{ kind: 'skipped', reason: 'draining' }],
    })
    await engine.admission.accept({ workflow: sell })
    await send('a', 3)
    await engine.settle()
    expect(sold.slice(-2)).toContain('a3')
  })
})

describe('a step that says slow down', () => {
  test.each(['key', 'workflow', 'engine'] as const)(
    'gives its place to none of those that it makes wait, by %s',
    async scope => {
      let isBusy = true
      const slow: Make = tell =>
        workflow(
          { id: 'slow', triggers: job, concurrency: { limit: 1, key: 'event.data.key' } },
          async ({ event, step }) => {
            const { name } = event.data
            await step.run('begin', () => {})
            await step.sleep('1s')
            await step.run('work', () => {
              tell(`calls for ${name}`)
              return name
            })
          },
        )
      await using t = await Story.of(slow)
      t.engine.steps.stub('slow', 'work', ({ body }) => {
        body()
        if (isBusy) throw new RetryAfterError('slow down', '10s', { scope })
      })
      await t.send({ name: 'a', key: 1 }, { name: 'b', key: 1 }, { name: 'c', key: 1 })
      await t.pass('5s')
      expect(t.told).toEqual(['1 calls for a'])
      isBusy = false
      await t.pass('1m')
      expect(t.ends).toEqual(['a completed', 'b completed', 'c completed'])
    },
  )

  test.each([
    ['key', ['b1']],
    ['workflow', []],
    ['engine', []],
  ] as const)('for its %s holds these up, and nobody else', async (scope, others) => {
    const { engine, busy, send, sold, starts } = await shops(keyed, scope)
    busy.add('a')
    await send('a', 1)
    await engine.settle()
    await send('a', 2)
    await send('b', 1)
    await engine.crash()
    await engine.advance('9m')
    expect(starts()).toEqual(others)
    expect(sold.includes('log a2')).toBe(scope !== 'engine')
    await engine.advance('1m')
    expect(starts().sort()).toEqual(['a1', 'a2', 'b1'])
  })
})

describe('why', () => {
  test('names the pause, the limit and who holds it, and how many are ahead', async () => {
    const { engine, sell } = await shops({ concurrency: { limit: 1, per: 'run' } })
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map(n => engine.start(sell, { shop: 'a', n })),
    )
    if (first === undefined || second === undefined || third === undefined) throw new Error()
    await engine.settle()
    expect((await engine.why(first)).waitsFor).toMatchObject([{ kind: 'timer', of: 'sleep' }])
    const limit = { kind: 'run', of: 'sell', most: 1, holders: [first.id] }
    expect((await engine.why(second)).waitsFor).toEqual([{ kind: 'turn', ahead: 0, limit }])
    expect((await engine.why(third)).waitsFor).toEqual([{ kind: 'turn', ahead: 1, limit }])
    await engine.admission.pause({ workflow: sell })
    expect((await engine.why(second)).waitsFor).toMatchObject([
      { kind: 'turn', limit: { kind: 'pause', of: 'sell' } },
    ])
  })

  test.each([
    ['engine', 1_000, { kind: 'engine', of: '*' }],
    ['workflow', 101, { kind: 'step', of: 'work' }],
  ] as const)('names who executes where the %s lets no more, of many a hundred', async (...of) => {
    const [who, limit, told] = of
    const never = new Promise<void>(() => {})
    const work = workflow({ id: 'work', concurrency: limit }, ({ step }) =>
      step.run('work', () => never),
    )
    const concurrency = who === 'engine' ? 101 : 1_000
    const engine = await testEngine({ workflows: [work], concurrency })
    onTestFinished(() => engine.close())
    const runs = await Promise.all(Array.from({ length: 102 }, () => engine.start(work)))
    await engine.settle()
    const [reason] = (await engine.why(runs.at(-1)?.id ?? '')).waitsFor
    const holders = runs.slice(0, 100).map(({ id }) => id)
    expect(reason).toMatchObject({ limit: { ...told, most: 101, holders } })
  })

  test('names the events that came and did not fit, and the values that differed', async () => {
    const paid = event<'paid', { order: string; shop: string }>('paid')
    const wait = workflow({ id: 'wait', triggers: order }, async ({ step }) => {
      const { shop } = { shop: 'a' }
      await step.waitForEvent('paid', {
        event: paid,
        timeout: '1d',
        if: `async.data.order == 'o1' && async.data.shop == '${shop}'`,
      })
    })
    const engine = await testEngine({ workflows: [wait] })
    onTestFinished(() => engine.close())
    const run = await engine.start(wait, { shop: 'a', n: 1 })
    await engine.settle()
    await engine.send(paid({ order: 'o2', shop: 'b' }))
    await engine.send(paid({ order: 'o1', shop: 'c' }))
    const [reason] = (await engine.why(run)).waitsFor
    expect(reason).toMatchObject({
      kind: 'event',
      id: 'paid',
      events: ['paid'],
      near: [
        { event: 'paid', differs: [{ path: 'data.shop', wanted: 'a', got: 'c' }] },
        {
          differs: [
            { path: 'data.order', wanted: 'o1', got: 'o2' },
            { path: 'data.shop', wanted: 'a', got: 'b' },
          ],
        },
      ],
    })
  })
})

describe('a backlog that is full', () => {
  const small = (full: 'refuse' | 'skip') =>
    ({ concurrency: { limit: 1, per: 'run' }, backlog: { runs: 2, full } }) as const

  test('refuses at the door, and nothing is accepted', async () => {
    const { engine, sell, send } = await shops(small('refuse'))
    for (const n of [1, 2, 3]) await send('a', n)
    const events = engine.stats().commits
    const refused = [send('a', 4), engine.start(sell, { shop: 'a', n: 4 })]
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'OVERLOADED' })
    expect(engine.stats().commits).toBe(events)
    expect(engine.runs({ workflow: sell })).toHaveLength(3)
    await engine.advance('2m')
    await send('a', 4)
  })

  test('also while who could go has not been told: nobody is taken in to be skipped', async () => {
    let now = Date.UTC(2026, 0, 1)
    const start = now
    // As in a process that is busy: no alarm rings in time.
    const clock = { wall: () => now, elapsed: () => now - start, alarm: () => () => {} }
    const limits = {
      throttle: { limit: 1, period: '1s' },
      backlog: { runs: 1, full: 'refuse' },
    } as const
    const flow = workflow(
      { id: 'flow', concurrency: { limit: 1, key: 'event.data' }, ...limits },
      async ({ step }) => step.run('one', () => 1),
    )
    await using engine = await openEngine({ path: ':memory:', workflows: [flow], clock })
    expect(await (await engine.start(flow, 'a')).result()).toBe(1)
    await engine.start(flow, 'b')
    now += 1_200
    await expect(engine.start(flow, 'c')).rejects.toMatchObject({ code: 'OVERLOADED' })
  })

  test('or skips what comes, which is recorded', async () => {
    const { engine, sell, send, starts } = await shops(small('skip'))
    for (const n of [1, 2, 3, 4, 5]) await send('a', n)
    await engine.advance('1h')
    expect(starts()).toEqual(['a1', 'a2', 'a3'])
    expect(engine.runs({ workflow: sell, status: 'skipped' })).toHaveLength(2)
  })
})
