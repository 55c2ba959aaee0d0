import { workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { job, jobs, type Make, nameOf, Story } from './story.ts'

type Algorithm = 'sliding' | 'fixed' | 'gcra'

const long = (...names: [string, unknown][]) =>
  names.map(([name, key]) => ({ name, key, takes: '1h' as const }))

const begun = (t: Story) => t.told.filter(line => line.includes('+'))

const statuses = (t: Story) => t.runs().map(({ status }) => status)

test('another key: who waits or holds a place stays under the old one', async () => {
  const by = (key: string) => jobs({ concurrency: { limit: 1, per: 'run', key } })
  await using t = await Story.of(by('event.data.key'))
  await t.send(...long(['a', 1], ['b', 1]))
  await t.crash(by('event.data.name'))
  await t.send(...long(['c', 1], ['c', 1]))
  expect(t.ends).toEqual(['a running', 'b scheduled', 'c running', 'c scheduled'])
  expect((await t.engine.why(t.run('b'))).waitsFor).toMatchObject([
    { kind: 'turn', limit: { key: 'event.data.key', value: '1', holders: [t.run('a').id] } },
  ])
})

test('another key: what was counted under the old one does not count', async () => {
  const by = (key: string) => jobs({ rateLimit: { limit: 1, period: '1h', key } })
  await using t = await Story.of(by('event.data.key'))
  await t.send({ name: 'a', key: 1 }, { name: 'b', key: 1 })
  await t.crash(by('event.data.name'))
  await t.send({ name: 'b', key: 1 }, { name: 'b', key: 1 })
  expect(t.ends).toEqual([
    ...['a completed', 'b skipped rate-limit', 'b completed', 'b skipped rate-limit'],
  ])
})

test('a limit that is gone holds nobody up any more', async () => {
  await using t = await Story.of(
    jobs({ concurrency: { limit: 1, per: 'run' }, throttle: { limit: 1, period: '1h' } }),
  )
  await t.send(...long(['a', 1], ['b', 1], ['c', 1]))
  await t.crash(jobs())
  expect(begun(t).map(line => line.slice(-1))).toEqual(['a', 'b', 'c'])
})

describe('a singleton that is gone', () => {
  test('keeps no failed run from being retried', async () => {
    const flow = { singleton: { mode: 'skip' } } as const
    await using t = await Story.of(jobs(flow))
    await t.send({ name: 'a', fails: true })
    await t.send({ name: 'b', takes: '1h' })
    const refused = { code: 'RUN_STATUS', facts: { by: t.run('b').id } }
    await expect(t.engine.retry(t.run('a').id)).rejects.toMatchObject(refused)
    // Under another key it stays what it was.
    await t.crash(jobs({ singleton: { mode: 'skip', key: 'event.data.key' } }))
    await expect(t.engine.retry(t.run('a').id)).rejects.toMatchObject(refused)
    await t.crash(jobs({ throttle: { limit: 1, period: '1h' } }))
    await t.engine.retry(t.run('a').id)
    await t.pass('1s')
    expect(statuses(t)).toEqual(['failed', 'running', 'failed'])
    // A deploy that is taken back finds it as it was.
    await t.crash(jobs(flow))
    await t.send('c')
    expect(t.ends.at(-1)).toBe('c skipped singleton')
  })

  test('keeps none waiting for the end of the one whose place it would take', async () => {
    const tidy =
      (flow: object): Make =>
      tell =>
        workflow({ id: 'jobs', triggers: job, ...flow }, async ({ event, step }) => {
          tell(`+${event.data.name}`)
          try {
            await step.sleep('1h')
          } finally {
            await step.shield(() => step.sleep('tidy up', '1h'))
          }
        })
    const singleton = { mode: 'cancel' } as const
    await using t = await Story.of(tidy({ singleton }))
    await t.sendEach('a', 'b')
    expect(statuses(t)).toEqual(['running', 'scheduled'])
    await t.crash(tidy({ singleton: { ...singleton, key: 'event.data.key' } }))
    expect(statuses(t)).toEqual(['running', 'scheduled'])
    await t.crash(tidy({}))
    expect(statuses(t)).toEqual(['running', 'running'])
    await t.pass('1h')
    expect(statuses(t)).toEqual(['cancelled', 'running'])
  })
})

test('a run that gathers begins when its time is up, also if nothing is gathered any more', async () => {
  await using t = await Story.of(jobs({ batchEvents: { maxSize: 5, timeout: '1h' } }))
  await t.send('a', 'b')
  await t.crash(jobs())
  await t.send('c')
  expect(begun(t)).toEqual(['0 +c'])
  await t.pass('1h')
  expect(begun(t)).toEqual(['0 +c', '3600 +a,b'])
})

test('a smaller batch is full with the next event', async () => {
  await using t = await Story.of(jobs({ batchEvents: { maxSize: 5, timeout: '1h' } }))
  await t.send('a', 'b', 'c')
  await t.crash(jobs({ batchEvents: { maxSize: 2, timeout: '1h' } }))
  expect(begun(t)).toEqual([])
  await t.send('d', 'e')
  expect(begun(t)).toEqual(['0 +a,b,c,d'])
})

test('another period: what gathers keeps its time until the next event puts it off', async () => {
  const quiet = (period: '5s' | '20s') => jobs({ debounce: { period, key: 'event.data.key' } })
  await using t = await Story.of(quiet('5s'))
  await t.send({ name: 'a', key: 1 }, { name: 'b', key: 2 })
  await t.crash(quiet('20s'))
  await t.pass('1s')
  await t.send({ name: 'c', key: 2 })
  await t.pass('30s')
  expect(begun(t)).toEqual(['5 +a', '21 +c'])
})

test('who waits for a workflow that is gone waits until it is there again', async () => {
  const limited = jobs({ concurrency: { limit: 1, per: 'run' } })
  await using t = await Story.of(limited)
  await t.send({ name: 'a', takes: '1m' }, 'b')
  await t.crash(jobs({ id: 'other' }))
  await t.pass('1h')
  expect(t.ends[1]).toBe('b scheduled')
  await t.crash(limited)
  await t.pass('1h')
  expect(t.ends).toEqual(['a completed', 'b completed'])
})

test('a shared limit under another name: who waits is told that there is room', async () => {
  const by = (key: string) =>
    jobs({ concurrency: { limit: 1, per: 'run', scope: 'engine', key } as const })
  await using t = await Story.of(by("'pay'"))
  await t.send(...long(['a', 1], ['b', 1], ['c', 1]))
  await t.crash(by("'pay2'"))
  await t.pass('3h')
  expect(t.ends).toEqual(['a completed', 'b completed', 'c completed'])
})

test('a pause of a key can be ended when the workflow has another key, or none', async () => {
  const by = (key?: string) =>
    jobs({ concurrency: { limit: 5, per: 'run', ...(key !== undefined && { key }) } as const })
  for (const after of [by('event.data.name'), by()]) {
    await using t = await Story.of(by('event.data.key'))
    const scope = { workflow: 'jobs', key: 'x' }
    await t.engine.admission.pause(scope)
    await t.send({ name: 'a', key: 'x', takes: '1s' })
    await t.crash(after)
    expect((await t.engine.why(t.run('a'))).waitsFor).toMatchObject([
      { kind: 'turn', limit: { kind: 'pause', key: 'event.data.key', value: '"x"' } },
    ])
    await t.engine.admission.resume(scope)
    await t.pass('1s')
    expect(t.ends).toEqual(['a completed'])
  }
})

test('another pace: of what was started at the old one only the last counts', async () => {
  const at = (limit: number, burst: number) => jobs({ throttle: { limit, period: '1h', burst } })
  await using slower = await Story.of(at(1_000, 100))
  await slower.send(...Array.from({ length: 100 }, (_, n) => `${n}`))
  await slower.crash(at(1, 1))
  await slower.send('a', 'b')
  await slower.pass('1d')
  expect(begun(slower).slice(-2)).toEqual(['3600 +a', '7200 +b'])

  await using faster = await Story.of(at(1, 5))
  await faster.send('a', 'b', 'c', 'd', 'e', 'f')
  await faster.crash(at(60, 1))
  await faster.pass('1d')
  expect(begun(faster).at(-1)).toBe('60 +f')
})

test('another rate: of what was let in at the old one only the last counts', async () => {
  const at = (limit: number) => jobs({ rateLimit: { limit, period: '1h', algorithm: 'gcra' } })
  await using t = await Story.of(at(100))
  await t.send(...Array.from({ length: 11 }, (_, n) => `${n}`))
  await t.crash(at(1))
  await t.pass('59m')
  await t.send('a')
  await t.pass('1m')
  await t.send('b')
  expect(t.ends.slice(-2)).toEqual(['a skipped rate-limit', 'b completed'])
})

const gathering = {
  none: {},
  batch: { batchEvents: { maxSize: 10, timeout: '10s' } },
  last: { debounce: { period: '10s' } },
  all: { debounce: { period: '10s', mode: 'all' } },
  bounded: { debounce: { period: '10s', timeout: '12s' } },
  leading: { debounce: { period: '10s', edge: 'leading' } },
} as const

// `a` comes at 0, `b` at 1, then the deploy, `c` at 2, a crash, `d` at 3.
test.each<[keyof typeof gathering, { readonly [After in keyof typeof gathering]: string }]>([
  [
    'none',
    {
      none: '0 +a, 1 +b, 2 +c, 3 +d',
      batch: '0 +a, 1 +b, 12 +c,d',
      last: '0 +a, 1 +b, 13 +d',
      all: '0 +a, 1 +b, 13 +c,d',
      bounded: '0 +a, 1 +b, 13 +d',
      leading: '0 +a, 1 +b, 2 +c, d is skipped',
    },
  ],
  [
    'batch',
    {
      none: '2 +c, 3 +d, 10 +a,b',
      batch: '10 +a,b,c,d',
      last: '10 +a,b, 13 +d',
      all: '10 +a,b, 13 +c,d',
      bounded: '10 +a,b, 13 +d',
      leading: '2 +c, 10 +a,b, d is skipped',
    },
  ],
  [
    'last',
    {
      none: '2 +c, 3 +d, 11 +b',
      batch: '11 +b, 12 +c,d',
      last: '13 +d',
      all: '2 +b, 13 +c,d',
      bounded: '2 +b, 13 +d',
      leading: '2 +c, d is skipped',
    },
  ],
  [
    'all',
    {
      none: '2 +c, 3 +d, 11 +a,b',
      batch: '11 +a,b, 12 +c,d',
      last: '2 +a,b, 13 +d',
      all: '13 +a,b,c,d',
      bounded: '2 +a,b, 13 +d',
      leading: '2 +a,b,c, d is skipped',
    },
  ],
  [
    'bounded',
    {
      none: '2 +c, 3 +d, 11 +b',
      batch: '11 +b, 12 +c,d',
      last: '13 +d',
      all: '2 +b, 13 +c,d',
      bounded: '12 +d',
      leading: '2 +c, d is skipped',
    },
  ],
  [
    'leading',
    {
      none: '0 +a, 2 +c, 3 +d, b is skipped',
      batch: '0 +a, 12 +c,d, b is skipped',
      last: '0 +a, 13 +d, b is skipped',
      all: '0 +a, 13 +c,d, b is skipped',
      bounded: '0 +a, 13 +d, b is skipped',
      leading: '0 +a, b is skipped, c is skipped, d is skipped',
    },
  ],
])('what gathers, and what comes, when a deploy makes %s something else', async (from, came) => {
  for (const [to, wanted] of Object.entries(came)) {
    await using t = await Story.of(jobs(gathering[from]))
    for (const name of ['a', 'b', 'c', 'd']) {
      if (name === 'c') await t.crash(jobs(gathering[to as keyof typeof gathering]))
      if (name === 'd') await t.crash()
      if (name !== 'a') await t.pass('1s')
      await t.send(name)
    }
    await t.pass('1m')
    const skipped = t.runs().filter(({ status }) => status === 'skipped')
    const told = [...begun(t), ...skipped.map(run => `${nameOf(run)} is skipped`)]
    expect([to, told.join(', ')]).toEqual([to, wanted])
    expect(t.engine.runs({ status: 'scheduled' })).toEqual([])
  }
})

test('what is older than what gathers is in a run all the same where all are to be', async () => {
  for (const [to, wanted] of [
    ['all', ['30 +a', '40 +b']],
    ['leading', ['30 +a']],
  ] as const) {
    await using t = await Story.of(jobs(gathering.last))
    await t.pass('25s')
    await t.send({ name: 'a', at: 20 })
    await t.crash(jobs(gathering[to]))
    await t.pass('5s')
    await t.send({ name: 'b', at: 10 })
    await t.crash()
    await t.pass('1m')
    expect([to, begun(t)]).toEqual([to, wanted])
  }
})

test('a shorter period: what gathers keeps its time, and what follows does not overtake it', async () => {
  await using t = await Story.of(jobs({ debounce: { period: '20s' } }))
  await t.send('a')
  await t.crash(jobs({ debounce: { period: '5s' } }))
  await t.pass('1s')
  await t.send('b')
  await t.pass('6s')
  await t.send('c')
  await t.pass('1m')
  expect(begun(t)).toEqual(['20 +c'])
})

// Meanwhile an hour passes after which what says nothing any more is forgotten.
test.each<[string, Parameters<typeof jobs>[0]]>([
  ['rateLimit, sliding', { rateLimit: { limit: 1, period: '6h' } }],
  ['rateLimit, fixed', { rateLimit: { limit: 1, period: '6h', algorithm: 'fixed' } }],
  ['rateLimit, gcra', { rateLimit: { limit: 1, period: '6h', algorithm: 'gcra' } }],
  ['throttle', { throttle: { limit: 1, period: '6h' } }],
  ['idempotency', { idempotency: "'all'" }],
  ['debounce, leading', { debounce: { period: '6h', edge: 'leading' } }],
])('what was away for a while knows what it knew: %s', async (_, flow) => {
  await using t = await Story.of(jobs(flow))
  await t.send('a')
  await t.crash(jobs())
  await t.pass('3h')
  await t.crash(jobs(flow))
  await t.send('b')
  expect(begun(t)).toEqual(['0 +a'])
  await t.crash(jobs())
  await t.pass('26h')
  expect(t.engine.stats().limitKeys).toBe(0)
})

test.each<[Algorithm, Algorithm]>([
  ['sliding', 'fixed'],
  ['sliding', 'gcra'],
  ['fixed', 'sliding'],
  ['fixed', 'gcra'],
  ['gcra', 'sliding'],
  ['gcra', 'fixed'],
])('what %s has let in counts when a deploy makes it %s', async (before, after) => {
  const by = (algorithm: Algorithm) => jobs({ rateLimit: { limit: 2, period: '10s', algorithm } })
  await using t = await Story.of(by(before))
  await t.send('a')
  await t.pass('6s')
  await t.send('b')
  await t.crash(by(after))
  for (let second = 7; second < 16; second++) {
    await t.pass('1s')
    await t.send(`${second}`)
    await t.crash()
  }
  const third = after === 'gcra' ? '11 +11' : '10 +10'
  expect(begun(t)).toEqual(['0 +a', '6 +b', third])
})
