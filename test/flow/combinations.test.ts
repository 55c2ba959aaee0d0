import { workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { job, jobs, type Make, Story } from './story.ts'

const begun = (t: Story) => t.told.filter(line => line.includes('+'))
const oneByOne = { concurrency: { limit: 1, per: 'run' } } as const
const byKey = (name: string, key: unknown) => ({ name, key })

describe('the order of the stages', () => {
  test('the rate limit comes before idempotency, and that before a batch', async () => {
    await using t = await Story.of(
      jobs({
        rateLimit: { limit: 3, period: '1h' },
        idempotency: 'event.data.key',
        batchEvents: { maxSize: 10, timeout: '10s' },
      }),
    )
    await t.send(byKey('a', 1), byKey('b', 1), byKey('c', 2), byKey('d', 3), byKey('e', 4))
    await t.pass('10s')
    expect(t.ends).toEqual(['a completed', 'b skipped idempotency', 'e skipped rate-limit'])
    expect(begun(t)).toEqual(['10 +a,c,d'])
  })

  test('a debounce comes before the singleton: what is put off holds nothing', async () => {
    const flow = { debounce: { period: '5s' }, singleton: { mode: 'skip' } } as const
    await using t = await Story.of(jobs(flow))
    await t.send({ name: 'a', takes: '7s' })
    await t.pass('5s')
    await t.send('b')
    await t.pass('5s')
    await t.send('c')
    await t.pass('5s')
    expect(begun(t)).toEqual(['5 +a', '15 +c'])
    expect(t.ends).toEqual(['a completed', 'b skipped singleton', 'c completed'])
  })

  test('the singleton comes before the backlog, and that before the places', async () => {
    const flow = { singleton: { mode: 'skip', key: 'event.data.key' }, ...oneByOne } as const
    await using t = await Story.of(jobs({ ...flow, backlog: { runs: 1, full: 'skip' } }))
    await t.send({ ...byKey('a', 1), works: true }, byKey('b', 2), byKey('c', 2), byKey('d', 3))
    await t.done('a')
    expect(t.ends).toEqual([
      ...['a completed', 'b completed', 'c skipped singleton', 'd skipped backlog'],
    ])
  })

  test('what is skipped for its singleton has had its share of the rate', async () => {
    const rateLimit = { limit: 2, period: '1h' } as const
    await using t = await Story.of(jobs({ rateLimit, singleton: { mode: 'skip' } }))
    await t.send({ name: 'a', takes: '1s' }, 'b')
    await t.pass('1s')
    await t.send('c')
    expect(t.ends).toEqual(['a completed', 'b skipped singleton', 'c skipped rate-limit'])
  })
})

test('throttle and places: both must have room, and a throttle is not used up by who has none', async () => {
  const flow = { throttle: { limit: 1, period: '2s' }, ...oneByOne } as const
  await using t = await Story.of(jobs(flow))
  await t.send({ name: 'a', takes: '5s' }, { name: 'b', takes: '1s' }, 'c')
  await t.pass('20s')
  expect(begun(t)).toEqual(['0 +a', '5 +b', '7 +c'])
})

test('places per run and per step together', async () => {
  const concurrency = [1, { limit: 2, per: 'run' }] as const
  await using t = await Story.of(jobs({ concurrency }))
  await t.send(...['a', 'b', 'c'].map(name => ({ name, takes: '5s' as const, works: true })))
  expect(begun(t)).toEqual(['0 +a', '0 +b'])
  await t.pass('5s')
  expect(t.working).toEqual(['a'])
  await t.done('a')
  expect(t.working).toEqual(['b'])
  expect(begun(t)).toHaveLength(2)
  await t.done('b')
  expect(t.told.slice(2).sort()).toEqual(['5 +c', '5 -a', '5 -b'])
})

test('a batch with priority, singleton and places', async () => {
  await using t = await Story.of(
    jobs({
      batchEvents: { maxSize: 2, timeout: '10s', key: 'event.data.key' },
      singleton: { mode: 'skip', key: 'event.data.key' },
      priority: 'event.data.seconds',
      ...oneByOne,
    }),
  )
  const both = (key: string, seconds: number) =>
    ['1', '2'].map(each => ({ name: `${key}${each}`, key, seconds, takes: '5s' as const }))
  await t.send(...both('x', 0), ...both('y', 0), ...both('z', 100), ...both('x', 0))
  await t.pass('1m')
  expect(begun(t)).toEqual(['0 +x1,x2', '5 +z1,z2', '10 +y1,y2'])
  expect(t.engine.runs({ status: 'skipped' }).map(({ reason }) => reason)).toEqual(['singleton'])
})

test('a batch is throttled as one run', async () => {
  const batchEvents = { maxSize: 2, timeout: '1s' } as const
  await using t = await Story.of(jobs({ batchEvents, throttle: { limit: 1, period: '5s' } }))
  await t.send('a', 'b', 'c', 'd', 'e')
  await t.crash()
  await t.pass('10s')
  expect(begun(t)).toEqual(['0 +a,b', '5 +c,d', '10 +e'])
})

test('a debounce by which each key waits for its place', async () => {
  const debounce = { period: '5s', key: 'event.data.key' } as const
  await using t = await Story.of(jobs({ debounce, ...oneByOne }))
  await t.send({ ...byKey('a', 1), takes: '3s' }, byKey('b', 2), { ...byKey('c', 1), takes: '3s' })
  await t.pass('10s')
  expect(begun(t).sort()).toEqual(['5 +c', '8 +b'])
})

describe('an event that lies in the future', () => {
  test('takes its place when its time has come, behind those that came before', async () => {
    await using t = await Story.of(jobs(oneByOne))
    await t.send({ name: 'later', at: 10, takes: '1s' }, { name: 'now', takes: '8s' }, 'next')
    await t.pass('9s')
    await t.send({ name: 'long', takes: '5s' })
    await t.crash()
    await t.pass('20s')
    expect(begun(t)).toEqual(['0 +now', '8 +next', '9 +long', '14 +later'])
  })

  test.each([
    ['a batch', { batchEvents: { maxSize: 9, timeout: '10s' } }],
    ['a debounce', { debounce: { period: '10s', mode: 'all' } }],
  ] as const)('is gathered when it comes: %s', async (_, flow) => {
    await using t = await Story.of(jobs(flow))
    await t.send('a', { name: 'b', at: 3_600 })
    await t.pass('10s')
    expect(begun(t)).toEqual(['10 +a,b'])
  })

  test('counts for its key from when it came', async () => {
    await using t = await Story.of(jobs({ idempotency: 'event.data.key' }))
    await t.send({ name: 'a', key: 'x', at: 10 })
    await t.send({ name: 'b', key: 'x' })
    await t.pass('10s')
    expect(begun(t)).toEqual(['10 +a'])
    expect(t.ends).toEqual(['a completed', 'b skipped idempotency'])
  })

  test('is throttled when its time has come', async () => {
    await using t = await Story.of(jobs({ throttle: { limit: 1, period: '5s' } }))
    await t.send({ name: 'a', at: 10 }, { name: 'b', at: 10 })
    await t.pass('9s')
    await t.send('c')
    await t.pass('20s')
    expect(begun(t)).toEqual(['9 +c', '14 +a', '19 +b'])
  })
})

describe('a handler of failures', () => {
  const failing =
    (flow: Parameters<typeof jobs>[0]): Make =>
    tell =>
      workflow(
        {
          ...flow,
          id: 'jobs',
          triggers: job,
          retries: 0,
          onFailure: async ({ event, error, step }) => {
            await step.run('tell', () => tell(`${event.data.name}: ${error.message}`))
          },
        },
        async ({ event }) => {
          throw new Error(`${event.data.name} fails`)
        },
      )

  test('is called once for each run that failed, and comes under no limit', async () => {
    await using t = await Story.of(
      failing({
        rateLimit: { limit: 2, period: '1h' },
        throttle: { limit: 1, period: '5s' },
        ...oneByOne,
        singleton: { mode: 'cancel' },
        idempotency: 'event.data.name',
      }),
    )
    await t.send('a', 'a')
    await t.pass('5s')
    await t.send('b', 'c')
    await t.pass('10s')
    expect(t.told).toEqual(['0 a: a fails', '5 b: b fails'])
    expect(t.runs('jobs').map(({ status, reason }) => reason ?? status)).toEqual([
      ...['failed', 'idempotency', 'failed', 'rate-limit'],
    ])
  })

  test('is not gathered', async () => {
    await using t = await Story.of(failing({ batchEvents: { maxSize: 2, timeout: '1h' } }))
    await t.send('a', 'b')
    expect(t.told).toEqual(['0 a: a fails'])
  })
})

test('a workflow without limits takes no notice of those of others', async () => {
  await using t = await Story.of([jobs({ id: 'limited', ...oneByOne }), jobs({ id: 'free' })])
  await t.send({ name: 'a', takes: '5s' }, { name: 'b', takes: '5s' })
  expect(t.runs('free').map(({ status }) => status)).toEqual(['running', 'running'])
  expect(t.runs('limited').map(({ status }) => status)).toEqual(['running', 'scheduled'])
})
