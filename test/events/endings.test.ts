import {
  event,
  NonRetriableError,
  openEngine,
  runCompleted,
  runFailed,
  StepError,
  type WorkflowContext,
  workflow,
} from 'perdure'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { story } from '../engine/story.ts'
import { World } from '../simulation/world.ts'
import { mustBeSound, outputOf, runsOf, statusesOf } from './runs.ts'

const ordered = event('shop/ordered', z.object({ order: z.string() }))

const order = (handled: unknown[]) =>
  workflow(
    {
      id: 'order',
      triggers: ordered,
      retries: 1,
      backoff: ['1m'],
      onFailure: async ({ event, error, failedStep, run, step }) => {
        await step.run('tell', () => {
          handled.push({ event, error, failedStep, run })
        })
        await step.sleep('1h')
        return step.run('tell-again', () => failedStep)
      },
      onCancel: async ({ event, reason, run, step }) => {
        await step.run('tell', () => void handled.push({ event, reason, run }))
      },
    },
    async ({ event, step }) => {
      const { order } = event.data
      await Promise.all([
        step.run('reserve', () => order),
        step.run('charge', () => {
          if (order === 'bad') throw new NonRetriableError('no money')
        }),
        step.run('ship', () => {
          if (order === 'bad') throw new NonRetriableError('no lorry')
        }),
      ])
      await step.sleep('1d')
    },
  )

describe('a handler of failures', () => {
  test('runs once, with the event, the error and the step, and with steps of its own', async () => {
    const handled: unknown[] = []
    const world = new World({ workflows: [order(handled)] })
    await world.open()
    await world.engine.send(ordered({ order: 'bad' }, { id: 'e1', ts: Date.UTC(2026, 0, 1) }))
    await world.settle()
    const [run] = await runsOf(world, 'order')
    expect(handled).toEqual([
      {
        event: { name: 'shop/ordered', id: 'e1', ts: Date.UTC(2026, 0, 1), data: { order: 'bad' } },
        error: expect.any(StepError),
        failedStep: 'charge',
        run: { id: run?.id, workflow: 'order' },
      },
    ])
    await world.restart()
    await world.advance(3_600_000)
    expect(await outputOf(world, 'order/on-failure')).toBe('charge')
    expect(handled).toHaveLength(1)
    await mustBeSound(world)
  })

  test('is scheduled in the write in which the run fails', async () => {
    const handled: unknown[] = []
    const world = new World({ workflows: [order(handled)] })
    await world.open()
    world.disk.fault = ({ puts }) =>
      [...puts.keys()].some(key => key.startsWith('z!')) ? 'crash-after' : undefined
    await world.engine.send(ordered({ order: 'bad' }))
    await world.settle()
    world.crash()
    world.disk.fault = () => undefined
    expect(handled).toEqual([])
    await world.open()
    expect(await statusesOf(world, 'order')).toEqual(['failed'])
    await world.settle()
    expect(handled).toHaveLength(1)
  })

  test('has the retries of the workflow, and no handler', async () => {
    let attempts = 0
    const failing = workflow(
      {
        id: 'failing',
        retries: 2,
        backoff: ['1m'],
        onFailure: async () => {
          attempts++
          throw new Error('cannot handle it')
        },
      },
      async () => {
        throw new NonRetriableError('failed')
      },
    )
    const watch = workflow(
      { id: 'watch', triggers: runFailed },
      async ({ event }) => event.data.workflow,
    )
    const world = new World({ workflows: [failing, watch] })
    await world.open()
    await world.engine.start(failing)
    await world.advance(600_000)
    expect(attempts).toBe(3)
    expect((await runsOf(world)).map(({ workflow }) => workflow)).toEqual([
      'failing',
      'failing/on-failure',
      'watch',
    ])
    expect(await outputOf(world, 'watch')).toBe('failing')
  })

  test('gets an error even of what was none, and no step where none failed', async () => {
    const seen: unknown[] = []
    const odd = workflow(
      {
        id: 'odd',
        retries: 0,
        onFailure: async ({ error, failedStep, event }) => {
          seen.push(error, failedStep, event.data)
        },
      },
      async ({ event }: WorkflowContext<string>) => {
        throw event.data
      },
    )
    const world = new World({ workflows: [odd] })
    await world.open()
    await world.engine.start(odd, 'thrown')
    await world.settle()
    expect(seen).toEqual([new Error('thrown', { cause: 'thrown' }), undefined, 'thrown'])
    expect(seen[0]).toBeInstanceOf(Error)
  })

  test('finds the step behind an error that wraps its own', async () => {
    const wrapping = workflow(
      { id: 'wrapping', retries: 0, onFailure: async ({ failedStep }) => failedStep },
      async ({ step }: WorkflowContext<undefined>) => {
        const failed = step.run('inner', () => {
          throw new NonRetriableError('no')
        })
        await failed.catch(cause => {
          throw new Error('outer', { cause })
        })
      },
    )
    const world = new World({ workflows: [wrapping] })
    await world.open()
    await world.engine.start(wrapping)
    await world.settle()
    expect(await outputOf(world, 'wrapping/on-failure')).toBe('inner')
  })

  test('does not run for a run that continues, completes or is cancelled', async () => {
    const calls: string[] = []
    const endless = workflow(
      {
        id: 'endless',
        onFailure: async () => void calls.push('failure'),
      },
      async ({ event, step }: WorkflowContext<number>) => {
        if (event.data === 0) await step.continueAsNew(1)
        if (event.data === 2) await step.sleep('1d')
      },
    )
    const world = new World({ workflows: [endless] })
    await world.open()
    await world.engine.start(endless, 0)
    const run = await world.engine.start(endless, 2)
    await world.settle()
    await run.cancel()
    await world.settle()
    expect(calls).toEqual([])
    expect((await statusesOf(world)).sort()).toEqual(['cancelled', 'completed', 'completed'])
  })

  test('takes its id: nobody else can have it', async () => {
    const other = workflow({ id: 'order/on-failure' }, async () => {})
    await expect(
      openEngine({ path: ':memory:', workflows: [order([]), other] }),
    ).rejects.toMatchObject({ code: 'WORKFLOW_DUPLICATE' })
  })
})

describe('a handler of cancellations', () => {
  test('runs once, with the event and the reason', async () => {
    const handled: unknown[] = []
    const world = new World({ workflows: [order(handled)] })
    await world.open()
    await world.engine.send(ordered({ order: 'good' }))
    await world.settle()
    const [run] = await runsOf(world, 'order')
    await world.engine.cancel(run?.id ?? '', 'changed my mind')
    await world.engine.cancel(run?.id ?? '', 'again')
    await world.settle()
    expect(handled).toMatchObject([
      { event: { data: { order: 'good' } }, reason: 'changed my mind', run: { id: run?.id } },
    ])
    const [handler] = await runsOf(world, 'order/on-cancel')
    expect(await story(await world.engine.run(handler?.id ?? ''))).toEqual([
      'run.scheduled',
      'run.started',
      'step.scheduled tell',
      'step.succeeded tell',
      'run.completed',
    ])
  })

  test('runs for a run that was parked, or had not begun', async () => {
    const handled: unknown[] = []
    const world = new World({ workflows: [order(handled)] })
    await world.open()
    await world.engine.send(ordered({ order: 'later' }, { ts: world.clock.wall() + 3_600_000 }))
    await world.engine.send(ordered({ order: 'good' }))
    await world.settle()
    const [later, good] = await runsOf(world, 'order')
    await world.engine.cancel(later?.id ?? '', 'not begun')
    await world.settle()
    const other = { ...order(handled), code: async () => 'something else' }
    await world.restart({ workflows: [other] })
    await world.advance(86_400_000)
    expect(await statusesOf(world, 'order')).toEqual(['cancelled', 'parked'])
    await world.engine.cancel(good?.id ?? '', 'parked')
    await world.settle()
    expect(handled).toMatchObject([{ reason: 'not begun' }, { reason: 'parked' }])
  })
})

describe('the events of the ends of runs', () => {
  test('are as large as what they tell of', async () => {
    const large = workflow({ id: 'large' }, async () => 'x'.repeat((1 << 20) - 20))
    const watch = workflow(
      { id: 'watch', triggers: runCompleted },
      async ({ event }) => String(event.data.output).length,
    )
    const world = new World({ workflows: [large, watch] })
    await world.open()
    await world.engine.start(large)
    await world.settle()
    expect(await outputOf(world, 'watch')).toBe((1 << 20) - 20)
  })
})
