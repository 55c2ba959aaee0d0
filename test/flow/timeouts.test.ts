import { workflow } from 'perdure'
import { expect, test } from 'vitest'
import { job, jobs, type Make, Story } from './story.ts'

const statuses = (t: Story) => t.runs('jobs').map(({ status }) => status)

test('what cannot start in time is cancelled', async () => {
  const flow = { timeouts: { start: '3s' }, concurrency: { limit: 1, per: 'run' } } as const
  await using t = await Story.of(jobs(flow))
  await t.send({ name: 'a', takes: '5s' }, 'b', 'c')
  await t.pass('2999ms')
  expect(statuses(t)).toEqual(['running', 'scheduled', 'scheduled'])
  await t.pass(1)
  expect(t.ends).toEqual([
    'a running',
    'b cancelled it did not start in time',
    'c cancelled it did not start in time',
  ])
  await t.pass('2s')
  expect(t.told).toEqual(['0 +a', '5 -a'])
})

test('it is cancelled at that moment, not when its turn would have come', async () => {
  const flow = { timeouts: { start: '5s' }, throttle: { limit: 1, period: '2s' } } as const
  await using t = await Story.of(jobs(flow))
  await t.send(...Array.from({ length: 10 }, (_, at) => `${at}`))
  await t.pass('5s')
  expect(t.engine.runs({ status: 'completed' })).toHaveLength(3)
  expect(t.engine.runs({ status: 'cancelled' })).toHaveLength(7)
  await t.send('next')
  await t.pass('1s')
  expect(t.run('next').status).toBe('completed')
})

test('the time to start is not counted while a run gathers, nor before its time has come', async () => {
  const timeouts = { start: '3s' } as const
  await using gathering = await Story.of(jobs({ timeouts, debounce: { period: '10s' } }))
  await gathering.send('a')
  await gathering.pass('10s')
  expect(statuses(gathering)).toEqual(['completed'])
  await using later = await Story.of(jobs({ timeouts, concurrency: 1 }))
  await later.send({ name: 'a', at: 60 })
  await later.pass('60s')
  expect(statuses(later)).toEqual(['completed'])
})

test('what takes too long is cancelled between its steps', async () => {
  const make: Make = tell =>
    workflow({ id: 'jobs', triggers: job, timeouts: { finish: '3s' } }, async ({ step }) => {
      for (const name of ['a', 'b', 'c']) {
        await step.run(name, () => tell(name))
        await step.sleep('2s')
      }
    })
  await using t = await Story.of(make)
  await t.send('x')
  await t.crash()
  await t.pass('10s')
  expect(t.told).toEqual(['0 a', '2 b'])
  expect(t.ends).toEqual(['x cancelled it did not finish in time'])
})

test('the time to finish counts from the start', async () => {
  const flow = { timeouts: { finish: '3s' }, concurrency: { limit: 1, per: 'run' } } as const
  await using t = await Story.of(jobs(flow))
  await t.send(...['a', 'b', 'c'].map(name => ({ name, takes: '2s' as const })))
  await t.pass('6s')
  expect(statuses(t)).toEqual(['completed', 'completed', 'completed'])
})

test('who is cancelled is told: `onCancel` runs, `finally` runs, `onFailure` does not', async () => {
  const make: Make = tell =>
    workflow(
      {
        id: 'jobs',
        triggers: job,
        timeouts: { start: '5s', finish: '3s' },
        concurrency: { limit: 1, per: 'run' },
        onCancel: async ({ event, reason, step }) => {
          await step.run('tell', () => tell(`${event.data.name}: ${reason}`))
        },
        onFailure: async ({ step }) => step.run('tell', () => tell('failed')),
      },
      async ({ event, step }) => {
        try {
          await step.sleep('1h')
        } finally {
          await step.shield(() => step.run('clean', () => tell(`clean ${event.data.name}`)))
        }
      },
    )
  await using t = await Story.of(make)
  await t.send('a', 'b', 'c')
  await t.pass('1m')
  expect(t.told.slice(0, 2).sort()).toEqual(['3 a: it did not finish in time', '3 clean a'])
  expect(t.told.slice(2).sort()).toEqual([
    '5 c: it did not start in time',
    '6 b: it did not finish in time',
    '6 clean b',
  ])
})

test('a crash neither forgets a time nor begins it anew', async () => {
  const flow = { timeouts: { start: '5s', finish: '5s' } } as const
  await using t = await Story.of(jobs({ ...flow, concurrency: { limit: 1, per: 'run' } }))
  await t.send({ name: 'a', takes: '4s' }, { name: 'b', takes: '10s' })
  for (let second = 0; second < 9; second++) {
    await t.crash()
    await t.pass('1s')
  }
  expect(t.told).toEqual(['0 +a', '4 -a', '4 +b'])
  expect(t.ends).toEqual(['a completed', 'b cancelled it did not finish in time'])
})

test.each([false, true])(
  'a paused run that takes too long begins no more steps; after a crash: %s',
  async dies => {
    await using t = await Story.of(jobs({ timeouts: { finish: '3s' } }))
    await t.send({ name: 'a', works: true })
    await t.engine.pause(t.run('a').id)
    await t.done('a')
    if (dies) await t.crash()
    await t.pass('5s')
    await t.crash()
    expect(t.told).toEqual(['0 +a'])
    expect(t.ends).toEqual(['a cancelled it did not finish in time'])
  },
)

const waiting = (start?: '3s' | '5s' | '1s') =>
  jobs({
    concurrency: { limit: 1, per: 'run' },
    ...(start !== undefined && { timeouts: { start } }),
  })
const working = (finish?: '3s' | '5s' | '1s') =>
  jobs(finish === undefined ? {} : { timeouts: { finish } })

test.each([
  ['longer', '5s', 5],
  ['gone', undefined, undefined],
  ['shorter', '1s', 3],
] as const)('a deploy that makes a time %s holds for what is under way', async (_, span, ends) => {
  for (const [phase, make] of [
    ['start', waiting],
    ['finish', working],
  ] as const) {
    await using t = await Story.of(make('3s'))
    const name = phase === 'start' ? 'b' : 'a'
    await t.send({ name: 'a', takes: '10s' }, ...(phase === 'start' ? ['b'] : []))
    await t.pass('1s')
    await t.crash(make(span))
    for (let second = 1; second < (ends ?? 9); second++) {
      expect([second, t.run(name).status]).not.toContain('cancelled')
      await t.pass('1s')
      await t.crash()
    }
    await t.pass('10s')
    const late = `cancelled it did not ${phase} in time`
    const wanted = ends === undefined ? 'completed' : late
    expect(t.ends.at(-1)).toBe(`${name} ${wanted}`)
    const moved = t.run(name).entries.filter(({ type }) => type === 'deadline.moved')
    expect(moved).toHaveLength(span === '1s' ? 0 : 1)
  }
})

test('a time that was over while no engine was open is as long as the deploy says', async () => {
  await using t = await Story.of(working('3s'))
  await t.send({ name: 'a', takes: '1h' })
  await t.engine.pause(t.run('a').id)
  await t.crash(working('5s'))
  await t.pass('4s')
  expect(t.ends).toEqual(['a paused'])
  await t.engine.resume(t.run('a').id)
  await t.crash(working())
  await t.crash(working('5s'))
  await t.pass('1s')
  expect(t.ends).toEqual(['a cancelled it did not finish in time'])
})

test('a run that is tried again has as long as it had in the end', async () => {
  await using t = await Story.of(working('3s'))
  await t.send({ name: 'a', takes: '4s', works: true, fails: true })
  await t.crash(working('5s'))
  await t.pass('4s')
  await t.done('a')
  expect(t.ends).toEqual(['a failed'])
  const { entries } = await t.engine.retry(t.run('a').id)
  const since = t.engine.now.getTime()
  expect(entries.filter(({ type }) => type.startsWith('deadline'))).toMatchObject([
    { type: 'deadline.set', due: since + 3_000, after: 3_000 },
    { type: 'deadline.moved', to: { due: since + 5_000, after: 5_000 } },
  ])
})
