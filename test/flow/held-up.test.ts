import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { job, jobs, Story } from './story.ts'

describe('under a pause', () => {
  test('deadlines go on', async () => {
    await using t = await Story.of(jobs({ timeouts: { start: '5s', finish: '10s' } }))
    await t.send({ name: 'a', takes: '8s' })
    await t.pass('5s')
    await t.engine.admission.pause()
    await t.send('b')
    await t.pass('5s')
    expect(t.ends).toEqual([
      'a cancelled it did not finish in time',
      'b cancelled it did not start in time',
    ])
  })

  test('rates are counted and events gathered; what is ready waits', async () => {
    const batchEvents = { maxSize: 5, timeout: '5s' } as const
    await using t = await Story.of(jobs({ rateLimit: { limit: 2, period: '1h' }, batchEvents }))
    await t.engine.admission.pause()
    await t.send('a', 'b', 'c')
    await t.pass('20s')
    expect(t.ends).toEqual(['a scheduled', 'c skipped rate-limit'])
    expect((await t.engine.why(t.run('a'))).waitsFor).toMatchObject([{ kind: 'turn' }])
    await t.engine.admission.resume()
    await t.engine.settle()
    expect(t.told).toContain('20 +a,b')
  })

  test('a pause of everything is not ended by resuming a workflow', async () => {
    await using t = await Story.of(jobs())
    await t.engine.admission.pause()
    await t.engine.admission.resume({ workflow: 'jobs' })
    await t.send('a')
    expect(t.told).toEqual([])
  })
})

test('a drain lets start what waits, and what gathers', async () => {
  await using t = await Story.of(
    jobs({ throttle: { limit: 1, period: '5s' }, batchEvents: { maxSize: 2, timeout: '3s' } }),
  )
  await t.send('a', 'b', 'c', 'd', 'e')
  await t.engine.admission.drain()
  await t.send('f')
  await t.pass('1m')
  expect(t.told.filter(line => line.includes('+'))).toEqual(['0 +a,b', '5 +c,d', '10 +e'])
  expect(t.run('f').reason).toBe('draining')
})

test('between keys the most urgent has the first turn, and then the others theirs', async () => {
  const concurrency = [
    { limit: 1, per: 'run' },
    { limit: 1, per: 'run', key: 'event.data.key' },
  ] as const
  await using t = await Story.of(jobs({ concurrency, priority: 'event.data.seconds' }))
  const takes = '1s'
  await t.send(
    { name: 'first', takes },
    { name: 'a1', key: 'a', takes },
    { name: 'a2', key: 'a', takes },
    { name: 'b1', key: 'b', takes },
    { name: 'a3', key: 'a', seconds: 600, takes },
  )
  await t.pass('1m')
  expect(t.told.filter(line => line.includes('+'))).toEqual([
    ...['0 +first', '1 +a3', '2 +b1', '3 +a1', '4 +a2'],
  ])
})

test.each([
  ['batch', { batchEvents: { maxSize: 5, timeout: '5s' } }],
  ['debounce', { debounce: { period: '5s' } }],
] as const)('what is gathered does not wait for its time: %s', async (_, flow) => {
  await using t = await Story.of(jobs(flow))
  await t.send({ name: 'a', at: 100 })
  await t.pass('5s')
  expect(t.told[0]).toBe('5 +a')
})

test('a parent waits for ever for a child that needs its place, and `why` says so', async () => {
  const concurrency = { limit: 1, per: 'run', key: "'both'", scope: 'engine' } as const
  const child = workflow({ id: 'child', concurrency }, async (_: WorkflowContext<undefined>) => 1)
  const parent = workflow(
    { id: 'parent', concurrency },
    async ({ step }: WorkflowContext<undefined>) => step.invoke('child', { workflow: child }),
  )
  await using t = await Story.of([() => parent, () => child])
  const run = await t.engine.start(parent)
  await t.pass('30d')
  const [waits] = t.runs('child')
  expect((await t.engine.why(waits!)).waitsFor).toMatchObject([
    { kind: 'turn', limit: { kind: 'run', of: '*', most: 1, holders: [run.id] } },
  ])
})

test('no handler is called for what is skipped, and no event tells of it', async () => {
  const told: string[] = []
  const limited = workflow(
    {
      id: 'limited',
      triggers: job,
      rateLimit: { limit: 1, period: '1h' },
      onFailure: async () => void told.push('failed'),
      onCancel: async () => void told.push('cancelled'),
    },
    async () => 1,
  )
  const ends = workflow({ id: 'ends', triggers: 'perdure/run.*' }, async ({ event }) => {
    told.push(event.name)
  })
  await using t = await Story.of([() => limited, () => ends])
  await t.send('a', 'b')
  expect(told).toEqual(['perdure/run.completed'])
  await expect(t.engine.retry(t.run('b'))).rejects.toMatchObject({ code: 'RUN_STATUS' })
})

test('the door counts what would have to wait, and nothing else', async () => {
  const batchEvents = { maxSize: 5, timeout: '5s' } as const
  await using gathering = await Story.of(jobs({ batchEvents, backlog: { runs: 2 } }))
  await gathering.send('a', 'b', 'c')
  await gathering.pass('5s')
  expect(gathering.told[0]).toBe('5 +a,b,c')

  await using free = await Story.of(jobs({ backlog: { runs: 1 } }))
  await free.send('a', 'b', 'c')
  expect(free.ends).toEqual(['a completed', 'b completed', 'c completed'])

  const concurrency = { limit: 2, key: 'event.data.key', per: 'run' } as const
  await using t = await Story.of(jobs({ concurrency, backlog: { runs: 1 } }))
  await t.send(
    ...['x', 'x', 'x', 'y'].map((key, at) => ({ name: `${key}${at}`, key, takes: '1h' })),
  )
  const more = (...keys: string[]) =>
    t.send(...keys.map(key => ({ name: 'more', key, takes: '1h' })))
  await expect(more('x')).rejects.toMatchObject({ code: 'OVERLOADED' })
  await expect(more('y', 'y')).rejects.toMatchObject({ code: 'OVERLOADED' })
  await more('y')
  expect(t.ends).toEqual([
    ...['x0 running', 'x1 running', 'x2 scheduled', 'y3 running', 'more running'],
  ])
})

test('a pause that takes the place of a longer one is over earlier', async () => {
  await using t = await Story.of(jobs())
  await t.engine.admission.pause()
  await t.send('a')
  await t.engine.admission.pause({}, { for: '10s' })
  await t.pass('10s')
  expect(t.told).toEqual(['10 +a', '10 -a'])
})

test('a scope that is misspelt pauses nothing', async () => {
  await using t = await Story.of(jobs())
  const { admission } = t.engine
  const odd = [{ workflw: 'job' }, 'job', null, { workflow: 'jobs', key: () => 1 }] as never[]
  for (const scope of odd) {
    await expect(admission.pause(scope)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
  }
  const both = { workflow: 'jobs', key: 'x' } as never
  await expect(admission.drain(both)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
})
