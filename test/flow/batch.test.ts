import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { type Job, job, jobs, type Make, nameOf, Story } from './story.ts'

const five = jobs({ batchEvents: { maxSize: 5, timeout: '10s' } })
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

const begun = (t: Story) => t.told.filter(line => line.includes('+'))

describe('a batch', () => {
  test('begins when it is full, and what is left over when its time is up', async () => {
    await using t = await Story.of(five)
    await t.send(...NAMES)
    expect(begun(t)).toEqual(['0 +a,b,c,d,e'])
    await t.pass('9999ms')
    expect(begun(t)).toHaveLength(1)
    await t.pass(1)
    expect(begun(t)).toEqual(['0 +a,b,c,d,e', '10 +f,g,h'])
    expect(t.runs().map(({ output }) => output)).toEqual(['a,b,c,d,e', 'f,g,h'])
  })

  test('its time counts from its first event', async () => {
    await using t = await Story.of(five)
    await t.send('a')
    await t.pass('9s')
    await t.send('b')
    await t.pass('1s')
    await t.send('c')
    await t.pass('10s')
    expect(begun(t)).toEqual(['10 +a,b', '20 +c'])
  })

  test('has the first event as its own', async () => {
    const seen: unknown[] = []
    const make: Make = () =>
      workflow(
        { id: 'batch', triggers: job, batchEvents: { maxSize: 2, timeout: '10s' } },
        async ({ event, events, step }) => {
          await step.run('see', () => void seen.push(event, events))
        },
      )
    await using t = await Story.of(make)
    await t.send('a', 'b')
    const [a, b] = ['a', 'b'].map(name => expect.objectContaining({ name: 'job', data: { name } }))
    expect(seen).toEqual([a, [a, b]])
  })

  test('takes only what its trigger takes', async () => {
    const make: Make = tell =>
      workflow(
        {
          id: 'batch',
          triggers: { event: job, if: 'event.data.key == true' },
          batchEvents: { maxSize: 2, timeout: '10s' },
        },
        async ({ events }) => tell(`+${events.map(({ data }) => data.name).join()}`),
      )
    await using t = await Story.of(make)
    await t.send(...NAMES.map((name, at) => ({ name, key: at % 2 === 0 })))
    expect(t.told).toEqual(['0 +a,c', '0 +e,g'])
    expect(t.runs()).toHaveLength(2)
  })

  test('of ten events, half of which are to be gathered: one of five, and five runs', async () => {
    const batchEvents = { maxSize: 5, timeout: '10s', if: 'event.data.key' } as const
    await using t = await Story.of(jobs({ batchEvents }))
    await t.send(...[...NAMES, 'i', 'j'].map((name, at) => ({ name, key: at % 2 === 0 })))
    expect(begun(t).sort()).toEqual(
      ['a,c,e,g,i', 'b', 'd', 'f', 'h', 'j'].map(names => `0 +${names}`),
    )
  })

  test('where the condition cannot be evaluated, nothing is gathered', async () => {
    const broken = () => {
      throw new Error('no')
    }
    const batchEvents = { maxSize: 5, timeout: '10s', if: broken } as const
    await using t = await Story.of(jobs({ batchEvents }))
    await t.send('a', 'b')
    expect(begun(t)).toEqual(['0 +a', '0 +b'])
  })

  test('each value of the key has its own; where it is false there is none', async () => {
    const batchEvents = { maxSize: 2, timeout: '10s', key: 'event.data.key' } as const
    await using t = await Story.of(jobs({ batchEvents }))
    await t.send(
      ...['x', 'y', 'x', 'y', 'x', false].map((key, at) => ({ name: `${key}${at}`, key })),
    )
    expect(begun(t).sort()).toEqual(['0 +false5', '0 +x0,x2', '0 +y1,y3'])
    await t.pass('10s')
    expect(begun(t)[3]).toBe('10 +x4')
  })

  test('has an event of one id once', async () => {
    await using t = await Story.of(five)
    await t.send({ name: 'a', id: 'one' }, { name: 'b', id: 'two' }, { name: 'a', id: 'one' })
    await t.send({ name: 'b', id: 'two' })
    await t.crash()
    await t.send({ name: 'a', id: 'one' })
    await t.pass('10s')
    expect(begun(t)).toEqual(['10 +a,b'])
  })

  test('begins with what has ten megabytes, and one that would be larger begins without it', async () => {
    await using t = await Story.of(five, { limits: { valueBytes: 5 << 20 } })
    const big = (name: string, megabytes: number) => ({ name, key: 'x'.repeat(megabytes << 20) })
    await t.send(big('a', 4))
    await t.send(big('b', 4))
    await t.send(big('c', 3))
    expect(begun(t)).toEqual(['0 +a,b'])
    await t.pass('10s')
    expect(begun(t)[1]).toBe('10 +c')
  })

  test('begins without one that is that large by itself', async () => {
    await using t = await Story.of(five, { limits: { valueBytes: 11 << 20 } })
    await t.send('a')
    await t.send({ name: 'large', key: 'x'.repeat(10 << 20) })
    expect(begun(t).sort()).toEqual(['0 +a', '0 +large'])
  })

  test('of one is nothing to wait for', async () => {
    await using t = await Story.of(jobs({ batchEvents: { maxSize: 1, timeout: '10s' } }))
    await t.send('a', 'b')
    expect(begun(t)).toEqual(['0 +a', '0 +b'])
  })

  test('that gathers is a run that is there: it can be looked at and cancelled', async () => {
    await using t = await Story.of(five)
    await t.send('a', 'b')
    const [gathers] = t.engine.runs({ status: 'scheduled' })
    await t.engine.cancel(gathers!)
    await t.send('c')
    await t.pass('20s')
    expect(t.ends).toEqual(['a cancelled', 'c completed'])
    expect(begun(t)).toEqual(['10 +c'])
  })

  test('that fails is tried again with the same events', async () => {
    const seen: string[] = []
    const make: Make = () =>
      workflow(
        {
          id: 'batch',
          triggers: job,
          backoff: ['1s'],
          batchEvents: { maxSize: 3, timeout: '10s' },
        },
        async ({ events, step }) => {
          await step.run('see', ({ attempt }) => {
            seen.push(events.map(({ data }) => data.name).join())
            if (attempt === 0) throw new Error('503')
          })
        },
      )
    await using t = await Story.of(make)
    await t.send('a', 'b', 'c', 'd')
    await t.crash()
    await t.pass('1s')
    expect(seen).toEqual(['a,b,c', 'a,b,c'])
  })

  test('takes nothing in any more once it was asked to end', async () => {
    const make: Make = tell =>
      workflow(
        {
          id: 'batch',
          triggers: job,
          batchEvents: { maxSize: 9, timeout: '10s' },
          cancelOn: [{ event: 'stop' }],
        },
        async ({ events, step }) => {
          await step.run('begin', () => tell(events.map(({ data }) => data.name).join()))
        },
      )
    await using t = await Story.of(make)
    await t.send('a')
    await t.engine.send([{ name: 'stop', data: {} }, job({ name: 'b' })])
    await t.pass('10s')
    expect(t.runs().map(({ status }) => status)).toEqual(['cancelled', 'completed'])
    expect(t.told).toEqual(['10 b'])
  })

  test('that failed is retried with the same events', async () => {
    await using t = await Story.of(jobs({ batchEvents: { maxSize: 3, timeout: '10s' } }))
    t.engine.steps.stub('jobs', 'end', () => Promise.reject(new Error('503')))
    await t.send('a', 'b', 'c')
    t.engine.steps.stub('jobs', 'end', undefined)
    const again = await t.engine.retry(t.runs()[0]!)
    await t.crash()
    expect(again).toMatchObject({ status: 'completed', output: 'a,b,c' })
  })

  test('is ended by the events of `cancelOn`, also while it gathers', async () => {
    const make: Make = tell =>
      workflow(
        {
          id: 'batch',
          triggers: job,
          batchEvents: { maxSize: 2, timeout: '10s', key: 'event.data.key' },
          cancelOn: [{ event: 'stop', match: 'data.key' }],
        },
        async ({ event, step }) => {
          await step.run('begin', () => tell(event.data.name))
          await step.sleep('1h')
        },
      )
    await using t = await Story.of(make)
    await t.send({ name: 'a', key: 1 }, { name: 'b', key: 1 }, { name: 'c', key: 2 })
    await t.engine.send({ name: 'stop', data: { key: 2 } })
    await t.pass('10s')
    expect(t.runs().map(({ status }) => status)).toEqual(['running', 'cancelled'])
    await t.engine.send({ name: 'stop', data: { key: 1 } })
    await t.engine.settle()
    expect(t.runs().map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    expect(t.told).toEqual(['0 a'])
  })
})

describe('a batch of children', () => {
  const child = workflow(
    { id: 'child', batchEvents: { maxSize: 2, timeout: '10s' } },
    async ({ events, step }: WorkflowContext<Job>) =>
      step.run('all', () => events.map(({ data }) => data.name).join()),
  )
  const parent = workflow({ id: 'parent' }, async ({ event, step }: WorkflowContext<Job>) =>
    step.invoke('child', { workflow: child, data: event.data }),
  )
  const both = [() => parent, () => child]
  const ofThree = workflow({ id: 'child', batchEvents: { maxSize: 3, timeout: '10s' } }, child.code)

  test('gives each parent the result', async () => {
    await using t = await Story.of(both)
    const one = await t.engine.start(parent, { name: 'a' })
    const two = await t.engine.start(parent, { name: 'b' })
    expect([await one.result(), await two.result()]).toEqual(['a,b', 'a,b'])
    expect(t.runs('child').map(run => [nameOf(run), run.status])).toEqual([
      ['a', 'completed'],
      ['b', 'skipped'],
    ])
  })

  test('also over a crash, when its time is up', async () => {
    await using t = await Story.of(both)
    const one = await t.engine.start(parent, { name: 'a' })
    await t.pass('5s')
    await t.crash()
    await t.pass('5s')
    expect(await one.result()).toBe('a')
  })

  test.each(['first', 'second'] as const)(
    'goes on for the other when the %s parent is cancelled',
    async which => {
      await using t = await Story.of([() => parent, () => ofThree])
      const one = await t.engine.start(parent, { name: 'a' })
      const two = await t.engine.start(parent, { name: 'b' })
      await t.engine.settle()
      await t.engine.cancel(which === 'first' ? one : two)
      await t.pass('10s')
      const [gone, left] = which === 'first' ? [one, two] : [two, one]
      expect([gone.status, left.status]).toEqual(['cancelled', 'completed'])
      expect(await left.result()).toContain(which === 'first' ? 'b' : 'a')
    },
  )

  test('that is cancelled while it gathers fails the steps of all its parents', async () => {
    await using t = await Story.of([() => parent, () => ofThree])
    const one = await t.engine.start(parent, { name: 'a' })
    const two = await t.engine.start(parent, { name: 'b' })
    await t.engine.settle()
    await t.crash()
    const [gathers] = t.runs('child')
    await t.engine.cancel(gathers!, 'enough')
    await t.engine.settle()
    for (const { status, error } of [one, two]) {
      expect([status, error]).toEqual(['failed', expect.objectContaining({ stepId: 'child' })])
    }
  })

  test('that is being cancelled when it is full fails the step of the last parent too', async () => {
    const two = workflow({ id: 'child', batchEvents: { maxSize: 2, timeout: '1h' } }, child.code)
    for (let ticks = 0; ticks < 10; ticks++) {
      await using t = await Story.of([() => parent, () => two])
      const first = await t.engine.start(parent, { name: 'a' })
      await t.engine.settle()
      const [gathers] = t.runs('child')
      const cancelling = t.engine.cancel(gathers!)
      for (let tick = 0; tick < ticks; tick++) await new Promise(process.nextTick)
      const second = await t.engine.start(parent, { name: 'b' })
      await cancelling
      await t.pass('1h')
      const statuses = [first.status, second.status]
      expect(statuses, `after ${ticks} ticks`).not.toContain('running')
    }
  })

  test('that is skipped fails the steps of all its parents', async () => {
    const alone = workflow(
      {
        id: 'child',
        batchEvents: { maxSize: 2, timeout: '10s' },
        singleton: { mode: 'skip' },
      },
      async ({ step }: WorkflowContext<Job>) => step.sleep('1m'),
    )
    await using t = await Story.of([() => parent, () => alone])
    for (const name of ['a', 'b', 'c', 'd']) await t.engine.start(parent, { name })
    await t.pass('1m')
    expect(t.ends.filter((_, at) => at % 2 === 0)).toEqual([
      ...['a completed', 'b completed', 'c failed', 'd failed'],
    ])
    expect(t.engine.runs({ workflow: 'parent', status: 'failed' })[1]?.error).toMatchObject({
      cause: { code: 'RUN_SKIPPED', facts: { reason: 'singleton' } },
    })
  })
})
