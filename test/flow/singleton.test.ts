import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { job, jobs, type Make, Story } from './story.ts'

/** It takes three seconds to clean up. */
const tidy: Make = tell =>
  workflow(
    { id: 'tidy', singleton: { mode: 'cancel' } },
    async ({ event, step }: WorkflowContext<string>) => {
      const name = event.data
      try {
        await step.run('begin', () => tell(`+${name}`))
        await step.sleep('1h')
      } finally {
        await step.shield(async () => {
          await step.sleep('3s')
          await step.run('clean', () => tell(`cleaned ${name}`))
        })
      }
    },
  )

describe('skip', () => {
  const alone = jobs({ singleton: { mode: 'skip' } })

  test('of fifty events there is one run', async () => {
    await using t = await Story.of(alone)
    await t.send(...Array.from({ length: 50 }, (_, at) => ({ name: `${at}`, takes: '1s' })))
    await t.pass('1s')
    expect(t.told).toEqual(['0 +0', '1 -0'])
    expect(t.engine.runs({ status: 'skipped' })).toHaveLength(49)
    expect(t.run('7')).toMatchObject({ reason: 'singleton', by: t.run('0').id })
  })

  test('the next comes through when the one before has ended, however that ended', async () => {
    await using t = await Story.of(alone)
    await t.send({ name: 'a', fails: true, takes: '1s' })
    await t.pass('1s')
    await t.send({ name: 'b', takes: '1h' })
    await t.engine.cancel(t.run('b'))
    await t.send('c')
    expect(t.ends).toEqual(['a failed', 'b cancelled', 'c completed'])
  })

  test('its place is held through sleeps, retries, pauses and crashes', async () => {
    await using t = await Story.of(alone)
    await t.send({ name: 'a', takes: '10s' })
    await t.send('b')
    await t.crash()
    await t.send('c')
    await t.engine.pause(t.run('a'))
    await t.pass('1m')
    await t.send('d')
    expect(t.ends).toEqual([
      ...['a paused', 'b skipped singleton', 'c skipped singleton', 'd skipped singleton'],
    ])
  })

  test('is for each value of the key; where that is false there is none', async () => {
    await using t = await Story.of(jobs({ singleton: { mode: 'skip', key: 'event.data.key' } }))
    const sent = ['x', 'x', 'y', false, false].map((key, at) => ({
      ...{ name: `${key}${at}`, key },
      takes: '1s',
    }))
    await t.send(...sent)
    expect(t.engine.runs({ status: 'skipped' }).map(({ by }) => by)).toEqual([t.run('x0').id])
    expect(t.engine.runs({ status: 'running' })).toHaveLength(4)
  })

  test('one that waits to begin holds it already', async () => {
    await using t = await Story.of(
      jobs({ singleton: { mode: 'skip' }, throttle: { limit: 1, period: '5s' } }),
    )
    await t.send('a')
    await t.send('b')
    await t.crash()
    await t.send('c')
    await t.pass('5s')
    expect(t.ends).toEqual(['a completed', 'b completed', 'c skipped singleton'])
  })

  test('a run that continues as another hands it on', async () => {
    const chain: Make = () =>
      workflow(
        { id: 'chain', singleton: { mode: 'skip' } },
        async ({ event, step }: WorkflowContext<number>) => {
          await step.sleep('1s')
          if (event.data > 0) await step.continueAsNew(event.data - 1)
        },
      )
    await using t = await Story.of(chain)
    const [chained] = t.workflows(chain)
    await t.engine.start(chained!, 2)
    await t.pass('1500ms')
    await t.crash()
    const second = await t.engine.start(chained!, 0)
    expect(second.reason).toBe('singleton')
    await t.pass('5s')
    const third = await t.engine.start(chained!, 0)
    expect(third.status).not.toBe('skipped')
  })
})

describe('cancel', () => {
  const newest = jobs({ singleton: { mode: 'cancel' } })
  const takes = '5s'

  test('the one before is cancelled, the newest completes', async () => {
    await using t = await Story.of(newest)
    for (const name of ['a', 'b', 'c']) {
      await t.send({ name, takes })
      await t.pass('1s')
    }
    await t.pass('10s')
    expect(t.runs().map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'completed'])
    expect(t.run('a').reason).toBe('a newer run takes its place')
    expect(t.told).toEqual(['0 +a', '1 +b', '2 +c', '7 -c'])
  })

  test('of many that come at once the last completes', async () => {
    await using t = await Story.of(newest)
    await t.send(...['a', 'b', 'c', 'd'].map(name => ({ name, takes })))
    await t.pass('5s')
    expect(t.runs().map(({ status }) => status)).toEqual([
      ...['cancelled', 'cancelled', 'cancelled', 'completed'],
    ])
    expect(t.told.at(-1)).toBe('5 -d')
  })

  test('the new one begins when the other has cleaned up, also over a crash', async () => {
    await using t = await Story.of(tidy)
    const [tidied] = t.workflows(tidy)
    await t.engine.start(tidied!, 'a')
    await t.pass('1s')
    const second = await t.engine.start(tidied!, 'b')
    await t.crash()
    await t.engine.start(tidied!, 'c')
    await t.crash()
    await t.pass('3s')
    expect(t.told).toEqual(['0 +a', '4 cleaned a', '4 +c'])
    expect(second.reason).toBe('a newer run takes its place')
  })

  test('keys are apart', async () => {
    await using t = await Story.of(jobs({ singleton: { mode: 'cancel', key: 'event.data.key' } }))
    await t.send(...['x', 'y', 'x'].map((key, at) => ({ name: `${key}${at}`, key, takes })))
    await t.pass('5s')
    expect(t.runs().map(({ status }) => status)).toEqual(['cancelled', 'completed', 'completed'])
  })

  test('the one that waits to take the place may be cancelled itself', async () => {
    await using t = await Story.of(tidy)
    const [tidied] = t.workflows(tidy)
    await t.engine.start(tidied!, 'a')
    await t.pass('1s')
    const second = await t.engine.start(tidied!, 'b')
    await t.engine.settle()
    await t.engine.cancel(second)
    await t.engine.start(tidied!, 'c')
    await t.pass('3s')
    expect(second.status).toBe('cancelled')
    expect(t.told).toEqual(['0 +a', '4 cleaned a', '4 +c'])
  })

  test('one that overtook the one that waits is the newest, and makes room for the next', async () => {
    const throttle = { limit: 1, period: '1m', key: 'event.data.key' } as const
    await using t = await Story.of(jobs({ throttle, singleton: { mode: 'cancel' } }))
    const [a, b, c, d] = ['x', 'x', 'y', 'x'].map((key, at) => ({
      name: `${at}`,
      key,
      takes: '1h',
    }))
    for (const each of [a, b, c, d]) await t.send(each!)
    expect(t.runs().map(({ status }) => status)).toEqual([
      ...['cancelled', 'cancelled', 'cancelled', 'scheduled'],
    ])
  })

  test('one that continues as another just then ends as that other', async () => {
    let goOn = (): void => {}
    const again: Make = tell =>
      workflow(
        { id: 'again', triggers: job, singleton: { mode: 'cancel' } },
        async ({ event, step }) => {
          const { name } = event.data
          tell(`+${name}`)
          if (name === 'b') return
          if (name === 'next') return void (await step.sleep('1d'))
          await step.run('rest', () => new Promise<void>(resolve => (goOn = resolve)))
          await step.continueAsNew({ name: 'next' })
        },
      )
    await using t = await Story.of(again)
    await t.send('a')
    goOn()
    await t.send('b')
    expect(t.told).toEqual(['0 +a', '0 +b'])
    expect(t.run('next').reason).toBe('a newer run takes its place')
  })
})
