import { RetryAfterError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { type Job, job, jobs, type Make, Story } from './story.ts'

const working = (...names: string[]) => names.map(name => ({ name, works: true }))

const begun = (told: readonly string[]) =>
  told.filter(line => line.includes('+')).map(line => line.split('+')[1])

describe('per step', () => {
  test('never more steps execute at once than the limit says', async () => {
    await using t = await Story.of(jobs({ concurrency: 2 }))
    await t.send(...working('a', 'b', 'c', 'd', 'e'))
    expect(t.working).toEqual(['a', 'b'])
    await t.done('b')
    expect(t.working).toEqual(['a', 'c'])
    await t.done('a', 'c')
    expect(t.working).toEqual(['d', 'e'])
    await t.done('d', 'e')
    expect(t.ends).toEqual(['a', 'b', 'c', 'd', 'e'].map(name => `${name} completed`))
  })

  test('runs that sleep hold nothing, so with limit 1 they interleave', async () => {
    await using t = await Story.of(jobs({ concurrency: 1 }))
    await t.send({ name: 'a', takes: '5s' }, { name: 'b', takes: '5s' })
    await t.pass('5s')
    expect(t.told).toEqual(['0 +a', '0 +b', '5 -a', '5 -b'])
  })

  test('a run that wakes goes before those that came after it', async () => {
    await using t = await Story.of(jobs({ concurrency: 1 }))
    await t.send({ name: 'a', takes: '5s' })
    await t.pass('1s')
    await t.sendEach(...working('b', 'c'))
    await t.pass('4s')
    await t.send('d')
    expect(t.told).toEqual(['0 +a', '1 +b'])
    await t.done('b')
    expect(t.told[2]).toBe('5 -a')
    await t.done('c')
    expect(begun(t.told)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('of runs that came at once the first goes first, whoever asked first', async () => {
    const twice: Make = () =>
      workflow({ id: 'twice', triggers: job, concurrency: 1 }, async ({ event, step }) => {
        await step.sleep('1s')
        for (const part of [1, 2]) await step.run('work', () => `${event.data.name}${part}`)
      })
    await using t = await Story.of(twice)
    await t.send('a', 'b', 'c')
    await t.pass('1s')
    const went: string[] = []
    for (let [name] = t.working; name !== undefined; [name] = t.working) {
      went.push(name)
      await t.done(name)
    }
    // A place is given to who waits in that moment: the next step of its run asks a moment later.
    expect(went).toEqual(['a1', 'b1', 'a2', 'b2', 'c1', 'c2'])
  })

  test('of an engine that does one step at a time the oldest run goes first, of any workflow', async () => {
    const plain = (id: string): Make => jobs({ id })
    await using t = await Story.of([plain('x'), plain('y')], { concurrency: 1 })
    const [x, y] = t.workflows([plain('x'), plain('y')])
    await t.engine.start(x!, { name: 'a', works: true })
    for (const [workflow, name] of [
      [x, 'b'],
      [x, 'c'],
      [y, 'd'],
      [x, 'e'],
      [y, 'f'],
    ] as const) {
      await t.pass('1s')
      await t.engine.start(workflow!, { name })
    }
    await t.done('a')
    expect(begun(t.told)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('a step that backs off holds nothing', async () => {
    let attempts = 0
    const flaky: Make = tell =>
      workflow({ id: 'flaky', concurrency: 1, backoff: ['10s'] }, async ({ step }) => {
        await step.run('try', () => {
          tell(`attempt ${attempts}`)
          if (attempts++ === 0) throw new Error('503')
        })
      })
    await using t = await Story.of(flaky)
    const [flaked] = t.workflows(flaky)
    await t.engine.start(flaked!)
    await t.pass('1s')
    await t.engine.start(flaked!)
    await t.pass('20s')
    expect(t.told.slice(0, 2)).toEqual(['0 attempt 0', '1 attempt 1'])
    expect(t.told).toHaveLength(3)
    expect(t.ends).toEqual([' completed', ' completed'])
  })

  test('steps that one run asks for together are counted each', async () => {
    const busy: Make = () =>
      workflow({ id: 'busy', concurrency: 2 }, async ({ step }) => {
        await Promise.all(['a', 'b', 'c'].map(name => step.run('work', () => name)))
      })
    await using t = await Story.of(busy)
    await t.engine.start(t.workflows(busy)[0]!)
    await t.engine.settle()
    expect(t.working).toEqual(['a', 'b'])
    await t.done('a')
    expect(t.working).toEqual(['b', 'c'])
  })

  test('a parent that waits for a child under the same limit does not block it', async () => {
    const child = workflow(
      { id: 'child', concurrency: { limit: 1, key: "'both'", scope: 'engine' } },
      async ({ step }: WorkflowContext<undefined>) => step.run('do', () => 'done'),
    )
    const parent = workflow(
      { id: 'parent', concurrency: { limit: 1, key: "'both'", scope: 'engine' } },
      async ({ step }: WorkflowContext<undefined>) => {
        await step.run('first', () => 0)
        return step.invoke('child', { workflow: child })
      },
    )
    await using t = await Story.of([() => parent, () => child])
    const run = await t.engine.start(parent)
    expect(await run.result()).toBe('done')
  })
})

describe('keys', () => {
  const ofKey = (...keys: unknown[]) =>
    keys.map((key, at) => ({ name: `${key}${at}`, key, works: true }))

  test('each value has the limit for itself', async () => {
    await using t = await Story.of(jobs({ concurrency: { limit: 1, key: 'event.data.key' } }))
    await t.send(...ofKey('x', 'x', 'y'))
    expect(t.working).toEqual(['x0', 'y2'])
    await t.done('x0')
    expect(t.working).toEqual(['x1', 'y2'])
  })

  test.each(['step', 'run'] as const)('where it is false there is no limit: per %s', async per => {
    const key = (event: { data: { key?: unknown } }) => event.data.key
    await using t = await Story.of(jobs({ concurrency: { limit: 1, key, per } }))
    await t.send(...ofKey(false, false, 0, 0))
    expect(t.working).toEqual(['02', 'false0', 'false1'])
  })

  test('one that throws is one and the same value', async () => {
    const key = () => {
      throw new Error('no key')
    }
    await using t = await Story.of(jobs({ concurrency: { limit: 1, key, per: 'run' } }))
    await t.send(...ofKey('x', 'y'))
    expect(t.working).toEqual(['x0'])
  })

  test('two limits must both have room', async () => {
    const concurrency = [3, { limit: 1, key: 'event.data.key', per: 'run' }] as const
    await using t = await Story.of(jobs({ concurrency }))
    await t.send(...ofKey('x', 'x', 'y', 'z', 'u'))
    expect(t.working).toEqual(['x0', 'y2', 'z3'])
    await t.done('y2')
    expect(t.working).toEqual(['u4', 'x0', 'z3'])
    await t.done('x0')
    expect(t.working).toEqual(['u4', 'x1', 'z3'])
  })

  test.each(['step', 'run'] as const)(
    'workflows share a limit of the engine, each with its own number: per %s',
    async per => {
      const shared = (id: string, limit: number) =>
        jobs({ id, concurrency: { limit, key: 'event.data.key', scope: 'engine', per } })
      await using t = await Story.of([shared('one', 1), shared('three', 3)])
      const [one, three] = t.workflows([shared('one', 1), shared('three', 3)])
      const start = (workflow = one, name = '') =>
        t.engine.start(workflow!, { name, key: 'x', works: true })
      await start(three, 'a')
      await start(one, 'b')
      await start(three, 'c')
      await t.engine.settle()
      expect(t.working).toEqual(['a', 'c'])
      await t.done('a')
      expect(t.working).toEqual(['c'])
      await t.done('c')
      expect(t.working).toEqual(['b'])
    },
  )
})

describe('per run', () => {
  const oneByOne = jobs({ concurrency: { limit: 1, per: 'run' } })

  test('a run holds its place from start to end, whatever it waits for', async () => {
    await using t = await Story.of(oneByOne)
    await t.send({ name: 'a', takes: '5s' }, { name: 'b', takes: '5s', fails: true }, 'c')
    await t.pass('10s')
    expect(t.told).toEqual(['0 +a', '5 -a', '5 +b', '10 -b', '10 +c', '10 -c'])
    expect(t.ends).toEqual(['a completed', 'b failed', 'c completed'])
  })

  test('with limit 1, sixty runs go strictly in the order in which they came', async () => {
    await using t = await Story.of(oneByOne)
    const names = Array.from({ length: 60 }, (_, at) => `${at}`)
    await t.send(...names.slice(0, 20).map(name => ({ name, takes: 700 })))
    await t.sendEach(...names.slice(20, 40).map(name => ({ name, takes: 700 })))
    await t.pass('10s')
    await t.crash()
    await t.send(...names.slice(40).map(name => ({ name })))
    await t.pass('30s')
    await t.crash()
    await t.pass('10s')
    expect(begun(t.told)).toEqual(names)
    const lines = t.told.map(line => line.split(' ')[1])
    expect(lines).toEqual(names.flatMap(name => [`+${name}`, `-${name}`]))
  })

  test('a run that continues as another hands its place on', async () => {
    const chain: Make = tell =>
      workflow(
        { id: 'chain', concurrency: { limit: 1, per: 'run' } },
        async ({ event, step }: WorkflowContext<{ name: string; left: number }>) => {
          const { name, left } = event.data
          await step.run('tell', () => tell(`${name}${left}`))
          await step.sleep('1s')
          if (left > 0) await step.continueAsNew({ name, left: left - 1 })
        },
      )
    await using t = await Story.of(chain)
    const [chained] = t.workflows(chain)
    await t.engine.start(chained!, { name: 'a', left: 2 })
    await t.engine.start(chained!, { name: 'b', left: 1 })
    await t.pass('1500ms')
    await t.crash()
    await t.pass('10s')
    expect(t.told).toEqual(['0 a2', '1 a1', '2 a0', '3 b1', '4 b0'])
  })

  test('a run that is paused keeps its place', async () => {
    await using t = await Story.of(oneByOne)
    await t.send({ name: 'a', takes: '5s' }, 'b')
    await t.engine.pause(t.run('a'))
    await t.crash()
    await t.pass('1h')
    expect(t.told).toEqual(['0 +a'])
    await t.engine.resume(t.run('a'))
    await t.engine.settle()
    expect(t.told.slice(1)).toEqual(['3600 -a', '3600 +b', '3600 -b'])
  })

  test('a run that is parked keeps its place', async () => {
    const limits = { concurrency: { limit: 1, per: 'run' } } as const
    const other: Make = () =>
      workflow({ id: 'jobs', ...limits }, async ({ step }: WorkflowContext<unknown>) => {
        await step.run('something else', () => 0)
      })
    await using t = await Story.of(oneByOne)
    await t.send({ name: 'a', takes: '5s' }, 'b')
    await t.crash(other)
    await t.pass('1h')
    expect(t.ends).toEqual([expect.stringContaining('a parked'), 'b scheduled'])
    await t.crash(oneByOne)
    await t.pass('1h')
    expect(t.ends[1]).toBe('b scheduled')
    await t.engine.retry(t.run('a'))
    await t.engine.settle()
    expect(t.ends).toEqual(['a completed', 'b completed'])
  })

  test('a run that is cancelled gives its place away, also before it has begun', async () => {
    await using t = await Story.of(oneByOne)
    await t.send({ name: 'a', takes: '5s' }, 'b', 'c')
    await t.engine.cancel(t.run('b'))
    await t.engine.settle()
    expect(t.ends).toEqual(['a running', 'b cancelled', 'c scheduled'])
    await t.engine.cancel(t.run('a'))
    await t.engine.settle()
    expect(t.told).toEqual(['0 +a', '0 +c', '0 -c'])
  })

  test('steps of a run that has its place wait for nobody', async () => {
    await using t = await Story.of(jobs({ concurrency: { limit: 2, per: 'run' } }))
    await t.send({ name: 'a', takes: '1s' }, { name: 'b', works: true }, 'c')
    await t.pass('1s')
    expect(t.told).toEqual(['0 +a', '0 +b', '1 -a', '1 +c', '1 -c'])
  })
})

test.each(['step', 'run'] as const)(
  'a limit that was raised holds from then on: per %s',
  async per => {
    const limited = (limit: number) => jobs({ concurrency: { limit, per } })
    await using t = await Story.of(limited(1))
    await t.send(...working('a', 'b', 'c', 'd'))
    expect(t.working).toEqual(['a'])
    await t.crash(limited(3))
    expect(t.working).toEqual(['a', 'b', 'c'])
    await t.crash(limited(1))
    // So that the next crash is none of a row.
    await t.pass('1m')
    await t.done('a')
    await t.crash(jobs())
    expect(t.working).toEqual(['b', 'c', 'd'])
  },
)

describe('one limit for all, and one for each key: what waits for its key does not hold the others up', () => {
  const concurrency = [{ limit: 5 }, { limit: 1, key: 'event.data.key' }] as const
  const other = { name: 'b', key: 'b' }

  test('while the key is busy', async () => {
    await using t = await Story.of(jobs({ concurrency }))
    await t.send({ name: 'a1', key: 'a', takes: '5s' })
    await t.send({ name: 'a2', key: 'a', works: true })
    await t.pass('10s')
    expect(t.working).toEqual(['a2'])
    await t.send(other)
    expect(t.told).toEqual(['0 +a1', '0 +a2', '10 +b', '10 -b'])
  })

  test('while the key is paused', async () => {
    await using t = await Story.of(jobs({ concurrency }))
    await t.send({ name: 'a', key: 'a', takes: '5s' })
    await t.engine.admission.pause({ workflow: 'jobs', key: 'a' })
    await t.pass('10s')
    await t.send(other)
    expect(t.told).toEqual(['0 +a', '10 +b', '10 -b'])
  })

  test('while a step of it was told to slow down', async () => {
    const slow: Make = tell =>
      workflow({ id: 'slow', triggers: job, concurrency }, async ({ event, step }) => {
        const { name } = event.data
        const refused = step.run('ask', ({ attempt }) => {
          const isRefused = name === 'a' && attempt === 0
          if (isRefused) throw new RetryAfterError('too many', '10m', { scope: 'key' })
        })
        await step.sleep('1s')
        await step.run('tell', () => tell(name))
        await refused
      })
    await using t = await Story.of(slow)
    await t.send({ name: 'a', key: 'a' })
    await t.pass('10s')
    await t.send(other)
    await t.pass('10m')
    expect(t.told).toEqual(['11 b', '600 a'])
  })

  test('but while no more steps may execute at all, no run begins', async () => {
    await using t = await Story.of(jobs({ concurrency: 5 }), { concurrency: 1 })
    await t.send({ name: 'a', takes: '5s' }, { name: 'b', works: true })
    await t.pass('10s')
    await t.send('c')
    expect(t.run('c').status).toBe('scheduled')
    await t.done('b')
    expect(t.run('c').status).toBe('completed')
  })

  test('and they begin when steps may, though one of them waits for its key', async () => {
    const free = workflow({ id: 'free' }, async ({ step }: WorkflowContext<undefined>) =>
      step.run('work', () => 'x'),
    )
    await using t = await Story.of([jobs({ concurrency }), () => free], { concurrency: 1 })
    await t.send({ name: 'a', key: 'a', takes: '5s' })
    await t.engine.admission.pause({ workflow: 'jobs', key: 'a' })
    await t.engine.start(free)
    await t.pass('10s')
    await t.send(other)
    expect(t.run('b').status).toBe('scheduled')
    await t.done('x')
    expect(t.run('b').status).toBe('completed')
  })
})

describe('shared in the engine', () => {
  const shared = (per: 'step' | 'run', limit = 1) =>
    ({ limit, per, key: 'event.data.key', scope: 'engine' }) as const

  test('a run that begins and has no step to execute leaves the place to others', async () => {
    const sleeper: Make = tell =>
      workflow(
        { id: 'sleeper', triggers: job, concurrency: shared('step') },
        async ({ event, step }) => {
          await step.sleep('1d')
          tell(`woke ${event.data.name}`)
        },
      )
    await using t = await Story.of([sleeper, jobs({ concurrency: shared('step') })])
    await t.send({ name: 'a', key: 'x' })
    await t.pass('1s')
    expect(t.told).toEqual(['0 +a', '0 -a'])
  })

  test.each(['step', 'run'] as const)(
    'it holds beside one of the same key that is the workflow alone: per %s',
    async per => {
      const own = { limit: 2, per, key: 'event.data.key' } as const
      for (const concurrency of [[own, shared(per)] as const, [shared(per), own] as const]) {
        await using t = await Story.of(jobs({ concurrency }))
        const all: Job[] = [...'xxy'].map((key, at) => ({ name: `${key}${at}`, key, works: true }))
        await t.send(...all)
        expect(t.working).toEqual(['x0', 'y2'])
      }
    },
  )
})
