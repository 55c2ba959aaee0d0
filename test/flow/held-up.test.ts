import { NonRetriableError, RetryAfterError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { type Job, job, jobs, type Make, Story } from './story.ts'

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

  test('what has begun sends events and invokes, and no body executes', async () => {
    const child = jobs({ id: 'child' })
    const make: Make = tell =>
      workflow({ id: 'parent', triggers: 'go' }, async ({ step }) => {
        await step.sleep('5s')
        await step.sendEvent('tell', { name: 'heard', data: {} })
        await step.invoke('ask', { workflow: child(tell), data: { name: 'asked' } })
        await step.run('work', () => tell('work'))
      })
    const hears: Make = tell =>
      workflow({ id: 'hears', triggers: 'heard' }, async () => tell('heard'))
    await using t = await Story.of([make, child, hears])
    await t.engine.send({ name: 'go', data: {} })
    await t.engine.settle()
    await t.engine.admission.pause({ workflow: 'parent' })
    await t.pass('1m')
    expect(t.told.toSorted()).toEqual(['5 +asked', '5 -asked', '5 heard'])
    await t.engine.admission.resume({ workflow: 'parent' })
    await t.engine.settle()
    expect(t.told.at(-1)).toBe('60 work')
  })

  test.each(['key', 'workflow'] as const)(
    'that a handler asks for with scope %s, steps of such handlers are, and nobody else',
    async scope => {
      const make: Make = tell =>
        workflow(
          {
            id: 'fails',
            triggers: job,
            retries: 1,
            backoff: ['1s'],
            concurrency: { limit: 5, key: 'event.data.key' },
            onFailure: ({ event, step }) =>
              step.run('mend', ({ attempt }) => {
                const { name } = event.data as Job
                if (name === 'a' && attempt === 0)
                  throw new RetryAfterError('soon', '10s', { scope })
                tell(`mend ${name}`)
              }),
          },
          async ({ event, step }) => {
            await step.run('begin', () => tell(`+${event.data.name}`))
            if (event.data.fails) throw new NonRetriableError('no')
          },
        )
      await using t = await Story.of(make)
      await t.send({ name: 'a', fails: true })
      await t.sendEach({ name: 'b', fails: true }, { name: 'c' })
      expect(t.told).toEqual(['0 +a', '0 +b', '0 +c'])
      await t.pass('10s')
      expect(t.told.slice(3).toSorted()).toEqual(['10 mend a', '10 mend b'])
    },
  )

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

describe('the door', () => {
  const perRun = { limit: 1, per: 'run' } as const
  const busy = { name: 'busy', takes: '1h' } as const
  const refused = { code: 'OVERLOADED' }

  test('counts none of those that a throttle lets start at once', async () => {
    const throttle = { limit: 1, period: '10s', burst: 3 } as const
    await using t = await Story.of(jobs({ throttle, backlog: { runs: 1 } }))
    await expect(t.send('a', 'b', 'c', 'd', 'e')).rejects.toMatchObject(refused)
    await t.send('a', 'b', 'c', 'd')
    expect(t.ends).toEqual(['a completed', 'b completed', 'c completed', 'd scheduled'])
  })

  test.each([
    ['a batch', { batchEvents: { maxSize: 5, timeout: '5s', if: 'event.data.key' } }],
    ['a debounce', { debounce: { period: '5s', key: 'event.data.key' } }],
    ['a debounce that starts at once', { debounce: { period: '1ms', edge: 'leading' } }],
  ] as const)('counts what %s does not put off', async (_, flow) => {
    await using t = await Story.of(jobs({ ...flow, concurrency: perRun, backlog: { runs: 1 } }))
    const now = (name: string) => ({ ...busy, name, key: false })
    for (const name of ['a', 'b']) {
      await t.send(now(name))
      await t.pass('1s')
    }
    await expect(t.send(now('c'))).rejects.toMatchObject(refused)
    expect(t.ends).toEqual(['a running', 'b scheduled'])
  })

  test('counts a batch that is full with what comes', async () => {
    const batchEvents = { maxSize: 2, timeout: '5s' } as const
    await using t = await Story.of(jobs({ batchEvents, concurrency: perRun, backlog: { runs: 1 } }))
    const send = (names: string) => t.send(...[...names].map(name => ({ ...busy, name })))
    await expect(send('abcdef')).rejects.toMatchObject(refused)
    expect(t.ends).toEqual([])
    await send('abcde')
    expect(t.ends).toEqual(['a running', 'c scheduled', 'e scheduled'])
    await expect(send('f')).rejects.toMatchObject(refused)
    // What is over by time has nobody to tell.
    await t.pass('5s')
    expect(t.ends).toEqual(['a running', 'c scheduled', 'e skipped backlog'])
  })

  test('counts all that a batch has gathered', async () => {
    const batchEvents = { maxSize: 3, timeout: '5s', key: 'event.data.key' } as const
    const backlog = { bytes: 500 } as const
    await using t = await Story.of(jobs({ batchEvents, concurrency: perRun, backlog }))
    const some = (name: string) => ({ ...busy, name, key: 1, pad: 'x'.repeat(250) })
    await t.send({ ...busy, key: 0 }, { ...busy, key: 0 }, { ...busy, key: 0 })
    await t.send(some('a'), some('b'))
    await expect(t.send({ name: 'c', key: 1 })).rejects.toMatchObject(refused)
    expect(t.ends).toEqual(['busy running', 'a scheduled'])
  })

  test.each([
    ['crashes', 'a', 'z', 'refused'],
    ['crashes', 'z', 'a', 'taken'],
    ['stays', 'a', 'z', 'refused'],
    ['stays', 'z', 'a', 'taken'],
  ] as const)(
    'goes by the first of a batch, if the engine %s: of %s and %s, it is %s',
    async (what, first, last, becomes) => {
      const concurrency = { ...perRun, key: 'event.data.key' } as const
      const batchEvents = { maxSize: 2, timeout: '1h', if: 'event.data.seconds == null' } as const
      await using t = await Story.of(jobs({ concurrency, batchEvents, backlog: { runs: 1 } }))
      const soon = { ...busy, key: 'a', seconds: 0 }
      await t.sendEach(soon, soon)
      await t.send({ name: 'first', key: first })
      if (what === 'crashes') await t.crash()
      const full = t.send({ name: 'last', key: last })
      if (becomes === 'taken') await full
      else await expect(full).rejects.toMatchObject(refused)
      await t.pass('30m')
      expect(t.ends[2]).toBe(becomes === 'taken' ? 'first completed' : 'first scheduled')
    },
  )

  test.each(['crashes', 'stays'])(
    'goes by the singleton of its first event, if the engine %s',
    async what => {
      const singleton = { mode: 'skip', key: 'event.data.key' } as const
      const batchEvents = { maxSize: 2, timeout: '1h', if: 'event.data.seconds == null' } as const
      const flow = { singleton, batchEvents, concurrency: perRun, backlog: { runs: 1 } }
      await using t = await Story.of(jobs(flow))
      const soon = (key: string) => ({ ...busy, key, seconds: 0 })
      await t.sendEach(soon('a'), soon('b'), { name: 'first', key: 'a' })
      if (what === 'crashes') await t.crash()
      await t.send({ name: 'last', key: 'z' })
      expect(t.ends[2]).toBe('first skipped singleton')
      await t.send({ name: 'second', key: 'z' })
      if (what === 'crashes') await t.crash()
      await expect(t.send({ name: 'last', key: 'a' })).rejects.toMatchObject(refused)
    },
  )

  test('goes by the first of a batch also where the last is too large for it', async () => {
    const concurrency = { ...perRun, key: 'event.data.key' } as const
    const batchEvents = { maxSize: 5, timeout: '1h', if: 'event.data.seconds == null' } as const
    const flow = { concurrency, batchEvents, backlog: { runs: 1 } }
    await using t = await Story.of(jobs(flow), { limits: { valueBytes: 11 << 20 } })
    const soon = { ...busy, key: 'a', seconds: 0 }
    await t.sendEach(soon, soon, { ...busy, name: 'first', key: 'y' })
    const large = { name: 'large', key: 'z', pad: 'x'.repeat(10 << 20) }
    await t.send(large)
    expect(t.ends.slice(2)).toEqual(['first running', 'large completed'])
  })

  test('counts both that one event lets begin: what it is too large for, and itself', async () => {
    const batchEvents = { maxSize: 5, timeout: '1h', if: 'event.data.seconds == null' } as const
    const flow = { concurrency: perRun, batchEvents, backlog: { runs: 1 } }
    await using t = await Story.of(jobs(flow), { limits: { valueBytes: 11 << 20 } })
    await t.sendEach({ ...busy, seconds: 0 }, 'first')
    const large = { name: 'large', pad: 'x'.repeat(10 << 20) }
    await expect(t.send(large)).rejects.toMatchObject(refused)
    expect(t.ends).toEqual(['busy running', 'first scheduled'])
  })

  test.each([
    ['singleton', { singleton: { mode: 'skip' } }],
    ['idempotency', { idempotency: 'event.data.key' }],
    ['rate-limit', { rateLimit: { limit: 1, period: '1d' } }],
    ['debounce', { debounce: { period: '1d', edge: 'leading' } }],
  ] as const)('counts nothing that is skipped: %s', async (reason, flow) => {
    await using t = await Story.of(jobs({ ...flow, concurrency: perRun, backlog: { runs: 1 } }))
    await t.send(busy, 'a', 'b', 'c')
    await t.send('d', 'e')
    expect(t.ends).toEqual([
      'busy running',
      ...[...'abcde'].map(name => `${name} skipped ${reason}`),
    ])
  })

  test('counts nothing that is skipped for a run that is there', async () => {
    const singleton = { mode: 'skip', key: 'event.data.key' } as const
    await using t = await Story.of(jobs({ singleton, concurrency: perRun, backlog: { runs: 1 } }))
    await t.send({ ...busy, key: 1 }, { name: 'a', key: 2 })
    await t.send({ name: 'b', key: 1 }, { name: 'c', key: 2 })
    await expect(t.send({ name: 'd', key: 3 })).rejects.toMatchObject(refused)
    const skipped = ['b skipped singleton', 'c skipped singleton']
    expect(t.ends).toEqual(['busy running', 'a scheduled', ...skipped])
  })

  test('counts nothing that lies ahead of time', async () => {
    await using t = await Story.of(jobs({ concurrency: perRun, backlog: { runs: 1 } }))
    await t.send(busy, 'a', { name: 'b', at: 60 })
    await t.send({ name: 'c', at: 60 })
    expect(t.ends.slice(1)).toEqual(['a scheduled', 'b scheduled', 'c scheduled'])
  })

  test('counts what one event would start of all workflows', async () => {
    const makes = ['x', 'y', 'z'].map(id => jobs({ id, concurrency: perRun }))
    await using t = await Story.of(makes, { limits: { waitingRuns: 2 } })
    await t.send(busy)
    await expect(t.send('a')).rejects.toMatchObject(refused)
    expect(t.runs()).toHaveLength(3)
  })
})

test('a pause that takes the place of a longer one is over earlier', async () => {
  await using t = await Story.of(jobs())
  await t.engine.admission.pause()
  await t.send('a')
  await t.engine.admission.pause({}, { for: '10s' })
  await t.pass('10s')
  expect(t.told).toEqual(['10 +a', '10 -a'])
})

test.each([
  ['key', { workflow: 'jobs', key: undefined }, 'leave `key` out if the whole workflow is meant'],
  ['key', { workflow: 'jobs', key: false }, 'or name the workflow alone'],
  ['workflow', { workflow: undefined }, 'leave `workflow` out if everything is meant'],
] as const)('a %s that is missing holds nothing up: %o', async (path, scope, fix) => {
  const makes = jobs({ concurrency: { limit: 5, key: 'event.data.key' } })
  await using t = await Story.of(makes)
  const { admission } = t.engine
  const calls = ['pause', 'resume', ...(path === 'key' ? [] : ['drain', 'accept'])] as const
  const refused = { code: 'DEFINITION_INVALID', facts: { of: 'The scope', path } }
  for (const call of calls as readonly ('pause' | 'resume')[]) {
    const asked = admission[call](scope as object)
    await expect(asked).rejects.toMatchObject({ ...refused, hint: expect.stringContaining(fix) })
  }
  await t.send('a', { name: 'b', key: false })
  expect(t.ends).toEqual(['a completed', 'b completed'])
  // That of what has none.
  await admission.pause({ workflow: 'jobs', key: null })
  await t.send('c', { name: 'd', key: false })
  expect(t.ends.slice(2)).toEqual(['c scheduled', 'd completed'])
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

describe('what goes with a run that was taken in', () => {
  /** It fails after ten seconds, or is cancelled before, and both are handled in a step. */
  const handled: Make = tell =>
    workflow(
      {
        id: 'handled',
        triggers: job,
        retries: 0,
        onFailure: async ({ step }) => void (await step.run('undo', () => tell('failed'))),
        onCancel: async ({ step }) => void (await step.run('undo', () => tell('cancelled'))),
      },
      async ({ event, step }) => {
        await step.sleep('10s')
        throw new Error(event.data.name)
      },
    )

  test.each([
    ['everything', {}],
    ['its workflow', { workflow: 'handled' }],
    ['the handler', { workflow: 'handled/on-failure' }],
  ] as const)('is handled in the end under a drain of %s', async (_, scope) => {
    await using t = await Story.of(handled)
    await t.send('a', 'b')
    await t.engine.admission.drain(scope)
    await t.crash()
    await t.engine.cancel(t.run('b').id)
    await t.pass('1m')
    expect(t.told).toEqual(['0 cancelled', '10 failed'])
    expect(t.engine.runs({ status: 'skipped' })).toEqual([])
  })

  test.each(['pause', 'retry after'] as const)(
    'is handled after a %s of everything, and has no need of room meanwhile',
    async how => {
      const busy: Make = () =>
        workflow({ id: 'busy', retries: 1 }, async ({ step }: WorkflowContext<undefined>) => {
          await step.run('ask', ({ attempt }) => {
            if (attempt === 0) throw new RetryAfterError('later', '1h', { scope: 'engine' })
          })
        })
      await using t = await Story.of([handled, busy], { limits: { waitingRuns: 1 } })
      await t.send('a', 'b')
      if (how === 'pause') await t.engine.admission.pause({}, { for: '1h' })
      else await t.engine.start(busy(() => {}))
      await t.engine.settle()
      await t.send('c')
      await t.engine.cancel(t.run('b').id)
      await t.pass('1m')
      const handlers = () => t.engine.runs().filter(run => run.workflow.startsWith('handled/'))
      expect(handlers().map(({ status }) => status)).toEqual(['running', 'running'])
      expect(t.engine.stats()).toMatchObject({ waitingRuns: 1, waitingSteps: 2 })
      const [one] = handlers()
      expect((await t.engine.why(one!)).waitsFor).toMatchObject([
        { kind: 'step', executes: false, limit: { kind: 'pause', of: '*' } },
      ])
      await t.crash()
      await t.pass('30m')
      expect(t.told).toEqual([])
      await t.pass('1h')
      expect(t.told.slice(0, 2)).toEqual(['3600 cancelled', '3600 failed'])
    },
  )

  const child = workflow(
    { id: 'child' },
    async ({ step }: WorkflowContext<string>) => void (await step.run('do it', () => {})),
  )
  const parent: Make = tell =>
    workflow({ id: 'parent', triggers: job, retries: 0 }, async ({ event, step }) => {
      await step.sleep('10s')
      const { name } = event.data
      await Promise.all([
        step.invoke('one', { workflow: child, data: name }),
        step.invoke('other', { workflow: child, data: name, abandon: true }),
      ])
      await step.run('end', () => tell(`-${name}`))
    })

  test.each([
    ['everything', {}],
    ['their workflow', { workflow: 'child' }],
  ] as const)('has its children under a drain of %s', async (_, scope) => {
    await using t = await Story.of([parent, () => child])
    await t.send('a')
    await t.engine.admission.drain(scope)
    await t.crash()
    const own = await t.engine.start(child, 'own')
    await t.pass('1m')
    expect(t.told).toEqual(['10 -a'])
    expect(own.reason).toBe('draining')
    expect(
      t
        .runs('child')
        .map(({ status }) => status)
        .sort(),
    ).toEqual([...['completed', 'completed', 'skipped']])
  })
})
