import { event, NonRetriableError, StepError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { story } from '../engine/story.ts'
import { World } from '../simulation/world.ts'
import { mustBeSound, runsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000

const child = workflow({ id: 'child' }, async ({ event, step }: WorkflowContext<string>) => {
  if (event.data === 'fail') throw new NonRetriableError('the child failed')
  if (event.data === 'again') await step.continueAsNew('sleep')
  await step.sleep('1h')
  return `did ${event.data}`
})

const parent = (options: { timeout?: string; abandon?: boolean } = {}) =>
  workflow({ id: 'parent', retries: 0 }, ({ event, step }: WorkflowContext<string>) =>
    step.invoke('child', { workflow: child, data: event.data, ...options }),
  )

async function opened(...workflows: ReturnType<typeof parent>[]): Promise<World> {
  const world = new World({ workflows: [child, ...workflows] })
  await world.open()
  return world
}

async function reasonOf(result: Promise<unknown>): Promise<StepError> {
  const error = await result.then(
    () => undefined,
    reason => reason,
  )
  expect(error).toBeInstanceOf(StepError)
  return error
}

describe('a child', () => {
  test('gives its output, and is there to be seen meanwhile', async () => {
    const world = await opened(parent())
    const run = await world.engine.start(parent(), 'work')
    await world.settle()
    expect((await runsOf(world, 'child')).map(({ status }) => status)).toEqual(['running'])
    await world.advance(HOUR)
    expect(await run.result()).toBe('did work')
    expect(await story(run)).toEqual([
      'run.scheduled',
      'run.started',
      'child.started child',
      'child.finished child',
      'run.completed',
    ])
    await mustBeSound(world)
  })

  test('that fails is an error of the step, tried once', async () => {
    const world = await opened(parent())
    const run = await world.engine.start(parent(), 'fail')
    const error = await reasonOf(run.result())
    expect(error).toMatchObject({ stepId: 'child', message: 'the child failed', attempts: 1 })
    expect(await statusesOf(world)).toEqual(['failed', 'failed'])
  })

  test('that is cancelled is one too', async () => {
    const world = await opened(parent())
    const run = await world.engine.start(parent(), 'work')
    await world.settle()
    const [started] = await runsOf(world, 'child')
    await world.engine.cancel(started?.id ?? '', 'not now')
    const error = await reasonOf(run.result())
    expect(error.cause).toMatchObject({ code: 'RUN_CANCELLED', reason: 'not now' })
  })

  test('that takes too long is one, and goes on alone', async () => {
    const subject = parent({ timeout: '30m' })
    const world = await opened(subject)
    const { id } = await world.engine.start(subject, 'work')
    await world.settle()
    await world.restart()
    await world.advance(HOUR / 2)
    const error = await reasonOf((await world.engine.run(id)).result())
    expect(error.cause).toMatchObject({ code: 'CHILD_TIMEOUT' })
    expect(await statusesOf(world, 'child')).toEqual(['running'])
    await world.advance(HOUR / 2)
    expect(await statusesOf(world, 'child')).toEqual(['completed'])
    await mustBeSound(world)
  })

  test('that the engine does not know is one', async () => {
    const world = new World({ workflows: [parent()] })
    await world.open()
    const run = await world.engine.start(parent(), 'work')
    await expect(run.result()).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
  })

  test('is cancelled with its parent, unless it is abandoned', async () => {
    for (const abandon of [false, true]) {
      const subject = parent({ abandon })
      const world = await opened(subject)
      const run = await world.engine.start(subject, 'work')
      await world.settle()
      await run.cancel('enough')
      await world.settle()
      expect(await statusesOf(world, 'parent')).toEqual(['cancelled'])
      expect(await statusesOf(world, 'child')).toEqual([abandon ? 'running' : 'cancelled'])
      await world.advance(HOUR)
      expect(await statusesOf(world, 'child')).toEqual([abandon ? 'completed' : 'cancelled'])
      await mustBeSound(world)
    }
  })

  test('of a child gives its output, and is cancelled, through all of them', async () => {
    const middle = parent()
    const top = workflow({ id: 'top' }, ({ step }: WorkflowContext<undefined>) =>
      step.invoke('middle', { workflow: middle, data: 'work' }),
    )
    const world = await opened(middle, top as never)
    const run = await world.engine.start(top)
    const other = await world.engine.start(top)
    await world.settle()
    await other.cancel('enough')
    await world.restart()
    await world.advance(HOUR)
    expect(await (await world.engine.run(run.id)).result()).toBe('did work')
    for (const id of ['top', 'parent', 'child']) {
      expect((await statusesOf(world, id)).sort()).toEqual(['cancelled', 'completed'])
    }
  })

  test('that continues as new reports what its last successor came to', async () => {
    const world = await opened(parent())
    const { id } = await world.engine.start(parent(), 'again')
    await world.settle()
    await world.restart()
    await world.advance(HOUR)
    expect(await (await world.engine.run(id)).result()).toBe('did sleep')
  })

  test('beside others joins once, each with its own output', async () => {
    const fan = workflow({ id: 'fan' }, ({ step }: WorkflowContext<undefined>) =>
      Promise.all(['a', 'b', 'c'].map(data => step.invoke('child', { workflow: child, data }))),
    )
    const world = await opened(fan as never)
    const run = await world.engine.start(fan)
    await world.advance(HOUR)
    expect(await run.result()).toEqual(['did a', 'did b', 'did c'])
    expect(await story(run)).toContain('child.finished child:2')
  })

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'is started once and heard once, whatever write a crash comes before or after: %i',
    async nth => {
      for (const fault of ['crash-before', 'crash-after'] as const) {
        const world = await opened(parent())
        let write = 0
        world.disk.fault = () => (write++ === nth ? fault : undefined)
        void world.engine.start(parent(), 'work', { id: 'p' })
        await world.settle()
        const died = (): boolean => write > nth
        if (!died()) await world.advance(HOUR)
        world.crash()
        world.disk.fault = () => undefined
        await world.open()
        const run = await world.engine.start(parent(), 'work', { id: 'p' })
        await world.advance(HOUR)
        expect(await run.result()).toBe('did work')
        expect(await statusesOf(world)).toEqual(['completed', 'completed'])
        expect((await story(run)).filter(line => line.startsWith('child.'))).toEqual([
          'child.started child',
          'child.finished child',
        ])
        await mustBeSound(world)
      }
    },
  )

  test('of a parent that has failed meanwhile goes on', async () => {
    const careless = workflow(
      { id: 'careless', retries: 0 },
      async ({ step }: WorkflowContext<undefined>) => {
        await Promise.all([
          step.invoke('child', { workflow: child, data: 'work' }),
          step.run('fails', () => {
            throw new NonRetriableError('no')
          }),
        ])
      },
    )
    const world = await opened(careless as never)
    await world.engine.start(careless)
    await world.advance(HOUR)
    expect(await statusesOf(world, 'careless')).toEqual(['failed'])
    expect(await statusesOf(world, 'child')).toEqual(['completed'])
    expect([...world.disk.rows.keys()].filter(key => key.startsWith('b!'))).toEqual([])
    await mustBeSound(world)
  })
})

describe('fan-out', () => {
  test('by events: each workflow of a trigger starts for itself', async () => {
    const done = event<'app/done', number>('app/done')
    const listeners = ['a', 'b', 'c'].map(id =>
      workflow({ id, triggers: done }, async ({ event }) => event.data),
    )
    const sender = workflow({ id: 'sender' }, ({ step }: WorkflowContext<undefined>) =>
      step.sendEvent('tell', [done(1), done(2)]),
    )
    const world = new World({ workflows: [...listeners, sender] })
    await world.open()
    await world.engine.start(sender)
    await world.settle()
    for (const id of ['a', 'b', 'c'])
      expect(await statusesOf(world, id)).toEqual(['completed', 'completed'])
  })
})
