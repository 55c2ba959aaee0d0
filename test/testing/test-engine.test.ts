import { readFile } from 'node:fs/promises'
import { cron, event, type WorkflowContext, workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'

const DAY = 86_400_000

const reminder = workflow(
  { id: 'reminder' },
  async ({ event, step }: WorkflowContext<{ name: string }>) => {
    await step.run('welcome', () => `Welcome, ${event.data.name}`)
    await step.sleep('wait', '30d')
    return step.run('remind', () => `Still there, ${event.data.name}?`)
  },
)

const paid = event<'order/paid', { order: string }>('order/paid')
const order = workflow(
  { id: 'order' },
  async ({ event, step }: WorkflowContext<{ order: string }>) => {
    const payment = await step.waitForEvent('paid', {
      event: paid.where({ order: event.data.order }),
      timeout: '1d',
    })
    return payment === null ? 'late' : 'paid'
  },
)

describe('a test engine', () => {
  test('runs a workflow when time is told to pass', async () => {
    await using engine = await testEngine({ workflows: [reminder] })
    const run = await engine.start(reminder, { name: 'Ada' })
    await engine.settle()
    expect(run.status).toBe('running')
    expect(run.steps.map(({ id, status }) => [id, status])).toEqual([['welcome', 'succeeded']])
    await engine.advance(30 * DAY - 1)
    expect(run.status).toBe('running')
    await engine.advance(1)
    expect(run.status).toBe('completed')
    expectTypeOf(run.output).toEqualTypeOf<string | undefined>()
    expect(run.output).toBe('Still there, Ada?')
    expect(await run.result()).toBe('Still there, Ada?')
    expect(engine.now).toEqual(new Date(Date.UTC(2026, 0, 31)))
  })

  test('skips a thousand days in no time', async () => {
    const patient = workflow({ id: 'patient' }, async ({ step }: WorkflowContext) => {
      await step.sleep('wait', '1000d')
      return step.now()
    })
    await using engine = await testEngine({ workflows: [patient] })
    const run = await engine.start(patient)
    expect(await engine.advanceToNext()).toBe(1000 * DAY)
    expect(run.output).toEqual(new Date(Date.UTC(2026, 0, 1) + 1000 * DAY))
    expect(await engine.advanceToNext()).toBeUndefined()
  })

  test('rings what comes due on the way at its own moment', async () => {
    const times: number[] = []
    const daily = workflow({ id: 'daily' }, async ({ step }: WorkflowContext) => {
      for (let day = 0; day < 10; day++) {
        await step.sleep(`night ${day}`, '1d')
        await step.run(`day ${day}`, () => times.push(engine.now.getTime()))
      }
    })
    await using engine = await testEngine({ workflows: [daily] })
    await engine.start(daily)
    await engine.advance('7d')
    expect(times).toEqual([1, 2, 3, 4, 5, 6, 7].map(day => Date.UTC(2026, 0, 1) + day * DAY))
  })

  test('delivers events and signals, and lets waits time out', async () => {
    await using engine = await testEngine({ workflows: [order] })
    const [one, two] = [
      await engine.start(order, { order: 'one' }),
      await engine.start(order, { order: 'two' }),
    ]
    await engine.settle()
    await engine.send(paid({ order: 'two' }))
    await engine.settle()
    expect([one.status, two.output]).toEqual(['running', 'paid'])
    await engine.advance('1d')
    expect(one.output).toBe('late')
    expect(one.timeline).toEqual([
      'run.scheduled order',
      'run.started',
      'wait.set paid',
      'timer.fired paid',
      'run.completed',
    ])
  })

  test('forgets all but the disk in a crash, and may come back with other code', async () => {
    const before: string[] = []
    const version = (name: string) =>
      workflow({ id: 'job' }, async ({ step }: WorkflowContext) => {
        await step.run('first', () => before.push(name))
        await step.sleep('wait', '1h')
        return step.run('second', () => name)
      })
    await using engine = await testEngine({ workflows: [version('one')] })
    const run = await engine.start(version('one'))
    await engine.settle()
    await engine.crash()
    await engine.crash({ workflows: [version('two')] })
    await engine.advance('1h')
    expect(run.output).toBe('two')
    expect(before).toEqual(['one'])
  })

  test('a crash interrupts what was running, and the step is begun again', async () => {
    await using engine = await testEngine({ workflows: [reminder] })
    const attempts: number[] = []
    engine.steps.stub(reminder, 'welcome', ({ attempt }) => {
      attempts.push(attempt)
      return attempts.length > 1 ? 'Hello' : new Promise(() => {})
    })
    const run = await engine.start(reminder, { name: 'Ada' })
    await engine.settle()
    expect(run.step('welcome')?.status).toBe('running')
    await engine.crash()
    expect(run.step('welcome')).toMatchObject({ status: 'succeeded', attempts: 1, value: 'Hello' })
    expect(attempts).toEqual([0, 0])
  })

  test('stubs replace bodies: of a step, of one occurrence, and not any more', async () => {
    const loop = workflow({ id: 'loop' }, async ({ step }: WorkflowContext) => {
      const values: string[] = []
      for (let at = 0; at < 3; at++) values.push(await step.run('part', () => 'body'))
      return values
    })
    await using engine = await testEngine({ workflows: [loop] })
    engine.steps.stub(loop, 'part', ({ step }) => `stub of ${step}`)
    engine.steps.stub('loop', 'part:1', ({ body }) => `around ${body()}`)
    const run = await engine.start(loop)
    expect(await run.result()).toEqual(['stub of part', 'around body', 'stub of part:2'])
    engine.steps.stub(loop, 'part', undefined)
    engine.steps.stub(loop, 'part:1', undefined)
    expect(await (await engine.start(loop)).result()).toEqual(['body', 'body', 'body'])
  })

  test('a copy of what a stub is called with has what is made when it is asked for', async () => {
    const single = workflow({ id: 'single' }, ({ step }: WorkflowContext) =>
      step.run('part', ({ idempotencyKey }) => idempotencyKey),
    )
    await using engine = await testEngine({ workflows: [single] })
    const key = await (await engine.start(single, undefined, { id: 'same' })).result()
    await using other = await testEngine({ workflows: [single] })
    other.steps.stub(single, 'part', call => {
      const copies = [call, { ...call }, Object.create(call)]
      const signals = new Set(copies.map(({ signal }) => signal))
      const keys = new Set(copies.map(({ idempotencyKey }) => idempotencyKey))
      return [signals.size, call.signal instanceof AbortSignal, ...keys]
    })
    const run = await other.start(single, undefined, { id: 'same' })
    expect(await run.result()).toEqual([1, true, key])
  })

  test('waits for bodies that do something real', async () => {
    const reader = workflow({ id: 'reader' }, async ({ step }: WorkflowContext) =>
      step.run('read', async () => {
        await new Promise(resolve => setTimeout(resolve, 5))
        return (await readFile(new URL(import.meta.url), 'utf8')).length
      }),
    )
    await using engine = await testEngine({ workflows: [reader] })
    const run = await engine.start(reader)
    await engine.settle()
    expect(run.output).toBeGreaterThan(1_000)
  })

  test('cancels, pauses and resumes', async () => {
    await using engine = await testEngine({ workflows: [reminder] })
    const [one, two] = [
      await engine.start(reminder, { name: 'Ada' }),
      await engine.start(reminder, { name: 'Bob' }, { id: 'bob' }),
    ]
    await engine.cancel(one, 'enough')
    await engine.pause('bob')
    await engine.advance('40d')
    expect([one.status, one.reason]).toEqual(['cancelled', 'enough'])
    await expect(one.result()).rejects.toThrow('Cancelled: enough')
    expect(two.status).toBe('paused')
    await engine.resume(two)
    expect(await two.result()).toBe('Still there, Bob?')
    expect(engine.runs({ status: 'completed' }).map(({ id }) => id)).toEqual(['bob'])
  })

  test('ticks schedules in virtual time', async () => {
    const report = workflow({ id: 'report', triggers: cron('0 9 * * *') }, async ({ step }) =>
      step.now(),
    )
    await using engine = await testEngine({ workflows: [report] })
    await engine.advance('3d')
    expect(engine.runs().map(({ output }) => (output as Date).toISOString())).toEqual([
      '2026-01-01T09:00:00.000Z',
      '2026-01-02T09:00:00.000Z',
      '2026-01-03T09:00:00.000Z',
    ])
  })

  test('the wall clock can be set', async () => {
    const until = workflow({ id: 'until' }, async ({ step }: WorkflowContext) =>
      step.sleepUntil('date', '2026-06-01T00:00:00Z'),
    )
    await using engine = await testEngine({ workflows: [until] })
    const run = await engine.start(until)
    await engine.setClock(new Date('2026-06-02T00:00:00Z'))
    expect(run.status).toBe('running')
    await engine.advance('1m')
    expect(run.status).toBe('completed')
  })

  test('says why a result cannot be waited for', async () => {
    await using engine = await testEngine({ workflows: [reminder] })
    const run = await engine.start(reminder, { name: 'Ada' })
    await expect(run.result()).rejects.toMatchObject({
      code: 'RUN_STATUS',
      facts: { status: 'running', last: 'timer.set wait' },
    })
    await expect(engine.run('nobody')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  test('two of them do not meet', async () => {
    await using one = await testEngine({ workflows: [reminder] })
    await using two = await testEngine({ workflows: [reminder], seed: 2 })
    const run = await one.start(reminder, { name: 'Ada' }, { id: 'same' })
    const other = await two.start(reminder, { name: 'Bob' }, { id: 'same' })
    await one.advance('30d')
    expect([run.status, other.status]).toEqual(['completed', 'running'])
    expect(two.now).toEqual(new Date(Date.UTC(2026, 0, 1)))
    const ids = [await one.start(reminder, { name: 'A' }), await two.start(reminder, { name: 'A' })]
    expect(ids[0]?.id).not.toBe(ids[1]?.id)
  })

  test('the same seed gives the same ids', async () => {
    const ids: string[] = []
    for (const seed of [7, 7]) {
      await using engine = await testEngine({ workflows: [reminder], seed })
      ids.push((await engine.start(reminder, { name: 'Ada' })).id)
    }
    expect(ids[0]).toBe(ids[1])
  })
})
