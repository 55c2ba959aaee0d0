import { openEngine, StepError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { story } from './story.ts'

const three = workflow({ id: 'three' }, async ({ event, step }: WorkflowContext<number>) => {
  const a = await step.run('a', () => event.data + 1)
  const b = await step.run('b', async () => a * 2)
  return step.run('c', () => ({ a, b }))
})

describe('a run', () => {
  test('is carried to its end and remembered', async () => {
    await using engine = await openEngine({ path: ':memory:', workflows: [three] })
    const run = await engine.start(three, 1)
    expect(await run.result()).toEqual({ a: 2, b: 4 })
    expect(await run.status()).toBe('completed')
    expect(await story(run)).toEqual([
      'run.scheduled',
      'run.started',
      'step.scheduled a',
      'step.succeeded a',
      'step.scheduled b',
      'step.succeeded b',
      'step.scheduled c',
      'step.succeeded c',
      'run.completed',
    ])
    expect(await (await engine.run(run.id)).result()).toEqual({ a: 2, b: 4 })
  })

  test('goes on after a crash without repeating what was recorded', async () => {
    const bodies: string[] = []
    const slow = workflow({ id: 'slow' }, async ({ step }: WorkflowContext<undefined>) => {
      await step.run('first', () => void bodies.push('first'))
      await step.sleep('1h')
      await step.run('second', () => void bodies.push('second'))
      return 'done'
    })
    const world = new World({ workflows: [slow] })
    await world.open()
    const { id } = await world.engine.start(slow)
    await world.settle()
    await world.restart()
    await world.advance(3_599_000)
    expect(bodies).toEqual(['first'])
    await world.restart()
    await world.advance(1_000)
    expect(bodies).toEqual(['first', 'second'])
    expect(await (await world.engine.run(id)).result()).toBe('done')
  })

  test('runs steps beside each other, and replays a race as it was decided', async () => {
    const race = workflow({ id: 'race' }, async ({ step }: WorkflowContext<undefined>) => {
      const winner = await Promise.race([
        step.sleep('slow', '2s').then(() => 'slow'),
        step.sleep('quick', '1s').then(() => 'quick'),
      ])
      await step.sleep('after', '1h')
      return winner
    })
    const world = new World({ workflows: [race] })
    await world.open()
    const { id } = await world.engine.start(race)
    await world.advance(10_000)
    await world.restart()
    await world.advance(3_600_000)
    expect(await (await world.engine.run(id)).result()).toBe('quick')
  })

  test('knows the repeats of an id in a loop by their occurrence', async () => {
    const loop = workflow({ id: 'loop' }, async ({ step }: WorkflowContext<undefined>) => {
      const seen: number[] = []
      for (let i = 0; i < 3; i++) seen.push(await step.run('each', () => i))
      seen.push(await step.run('each:1', () => 9))
      return seen
    })
    await using engine = await openEngine({ path: ':memory:', workflows: [loop] })
    const run = await engine.start(loop)
    expect(await run.result()).toEqual([0, 1, 2, 9])
    expect((await story(run)).filter(line => line.startsWith('step.scheduled'))).toEqual([
      'step.scheduled each',
      'step.scheduled each:1',
      'step.scheduled each:2',
      'step.scheduled each:1:1',
    ])
  })

  test('starts once for one id, and conflicts on other data', async () => {
    await using engine = await openEngine({ path: ':memory:', workflows: [three] })
    const runs = await Promise.all([1, 2, 3].map(() => engine.start(three, 5, { id: 'same' })))
    for (const run of runs) expect(await run.result()).toEqual({ a: 6, b: 12 })
    await expect(engine.start(three, 6, { id: 'same' })).rejects.toMatchObject({
      code: 'RUN_CONFLICT',
    })
    await expect(engine.start(three, 5, { id: 'a!b' })).rejects.toMatchObject({
      code: 'RUN_ID_INVALID',
    })
    await expect(engine.run('none')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  test('hands values out as they were stored, live as in replay', async () => {
    const when = new Date(5)
    const kinds = workflow({ id: 'kinds' }, async ({ step }: WorkflowContext<undefined>) => {
      const shared = { when, map: new Map([[1, new Set(['x'])]]), none: undefined, minus: -0 }
      const back = await step.run('make', () => shared)
      return { back, same: back === shared }
    })
    await using engine = await openEngine({ path: ':memory:', workflows: [kinds] })
    const run = await engine.start(kinds)
    expect(await run.result()).toEqual({
      back: { when, map: new Map([[1, new Set(['x'])]]), none: undefined, minus: -0 },
      same: false,
    })
  })
})

describe('time and chance', () => {
  test('are recorded: a replay sees the same', async () => {
    const seen: unknown[][] = []
    const dice = workflow({ id: 'dice' }, async ({ step }: WorkflowContext<undefined>) => {
      const first = [step.now().getTime(), step.random(), step.uuid()]
      await step.sleep('1h')
      const second = [step.now().getTime(), step.random(), step.uuid()]
      seen.push([...first, ...second])
      await step.sleep('1h')
      return [...first, ...second]
    })
    const world = new World({ workflows: [dice] })
    await world.open()
    const { id } = await world.engine.start(dice)
    await world.advance(3_700_000)
    await world.restart()
    await world.advance(3_700_000)
    expect(seen).toHaveLength(2)
    expect(seen[0]).toEqual(seen[1])
    expect(await (await world.engine.run(id)).result()).toEqual(seen[0])
  })

  test('a sleep counts elapsed time, sleepUntil follows the wall clock', async () => {
    const sleepy = workflow({ id: 'sleepy' }, async ({ step }: WorkflowContext<Date>) => {
      await step.sleep('1h')
      return 'slept'
    })
    const until = workflow({ id: 'until' }, async ({ event, step }: WorkflowContext<Date>) => {
      await step.sleepUntil(event.data)
      return 'reached'
    })
    const world = new World({ workflows: [sleepy, until] })
    await world.open()
    const noon = new Date(world.clock.wall() + 3_600_000)
    const a = await world.engine.start(sleepy, noon)
    const b = await world.engine.start(until, noon)
    await world.settle()
    world.clock.jump(7_200_000)
    await world.advance(120_000)
    expect(await a.status()).toBe('running')
    expect(await b.status()).toBe('completed')
    world.clock.jump(-100 * 3_600_000)
    await world.advance(3_600_000)
    expect(await a.status()).toBe('completed')
  })

  test('overdue timers fire in due order after downtime', async () => {
    const order: string[] = []
    const nap = workflow(
      { id: 'nap' },
      async ({ event, step }: WorkflowContext<[string, string]>) => {
        await step.sleep(event.data[1])
        await step.run('note', () => void order.push(event.data[0]))
      },
    )
    const world = new World({ workflows: [nap] })
    await world.open()
    await world.engine.start(nap, ['third', '3h'])
    await world.engine.start(nap, ['first', '1h'])
    await world.engine.start(nap, ['second', '2h'])
    await world.settle()
    world.crash()
    world.clock.jump(24 * 3_600_000)
    await world.open()
    await world.advance(0)
    expect(order).toEqual(['first', 'second', 'third'])
  })
})

describe('downtime', () => {
  test('does not change the order of what is overdue, whatever its runs have behind them', async () => {
    const order: string[] = []
    type Nap = WorkflowContext<[name: string, steps: number, span: string]>
    const nap = workflow({ id: 'nap' }, async ({ event, step }: Nap) => {
      const [name, steps, span] = event.data
      for (let i = 0; i < steps; i++) await step.run('s', () => i)
      await step.sleep(span)
      await step.run('note', () => void order.push(name))
    })
    for (const residentRuns of [1, 100]) {
      const world = new World({ workflows: [nap], limits: { residentRuns } })
      await world.open()
      await world.engine.start(nap, ['second', 0, '2h'])
      await world.engine.start(nap, ['first', 40, '1h'])
      await world.settle()
      world.crash()
      world.clock.jump(24 * 3_600_000)
      await world.open()
      await world.advance(0)
      expect(order.splice(0)).toEqual(['first', 'second'])
    }
  })
})

describe('a step that fails', () => {
  const flaky = (times: number) =>
    workflow(
      { id: 'flaky', retries: 3, backoff: ['1m', '5m'] },
      async ({ step }: WorkflowContext<undefined>) => {
        try {
          return await step.run('try', ({ attempt }) => {
            if (attempt < times) throw new Error(`attempt ${attempt}`)
            return attempt
          })
        } catch (error) {
          if (!(error instanceof StepError)) throw error
          return step.run('instead', () => [error.stepId, error.attempts, error.message])
        }
      },
    )

  test('is tried again by its policy, also after a crash', async () => {
    const workflow_ = flaky(2)
    const world = new World({ workflows: [workflow_] })
    await world.open()
    const { id } = await world.engine.start(workflow_)
    await world.advance(60_000)
    await world.restart()
    await world.advance(299_000)
    expect(await (await world.engine.run(id)).status()).toBe('running')
    await world.advance(1_000)
    const run = await world.engine.run(id)
    expect(await run.result()).toBe(2)
    expect(await story(run)).toEqual([
      'run.scheduled',
      'run.started',
      'step.scheduled try',
      'step.failed try',
      'timer.fired try',
      'step.failed try 1',
      'timer.fired try',
      'step.succeeded try 2',
      'run.completed',
    ])
  })

  test('waits out its backoff, although an earlier one fires twice while others are read', async () => {
    let attempts = 0
    const failing = workflow(
      { id: 'failing', retries: 2, backoff: ['90m', '2h'] },
      async ({ step }: WorkflowContext<undefined>) => {
        await step.run('fail', () => {
          attempts++
          throw new Error('no')
        })
      },
    )
    const nap = workflow({ id: 'nap' }, ({ event, step }: WorkflowContext<Date>) =>
      step.sleepUntil(event.data),
    )
    const world = new World({ workflows: [failing, nap] })
    const now = world.clock.wall()
    await world.open()
    await world.engine.start(failing)
    await world.engine.start(nap, new Date(now + 5_400_000), { id: 'beside' })
    await world.engine.start(nap, new Date(now + 5_400_001), { id: 'after' })
    await world.settle()
    const release = new Map<string, () => void>()
    const held = (id: string) => new Promise<void>(resolve => release.set(id, resolve))
    const slow = new Map(['beside', 'after'].map(id => [id, held(id)]))
    world.disk.slow = key => slow.get(key.split('!')[1] ?? '')

    await world.advance(5_399_999)
    world.clock.pass(1)
    await world.settle()
    world.clock.jump(1)
    world.clock.pass(0)
    await world.settle()
    expect(attempts).toBe(1)
    release.get('beside')?.()
    await world.settle()
    expect(attempts).toBe(2)
    release.get('after')?.()
    await world.settle()
    expect(attempts).toBe(2)
    await world.advance(7_200_000)
    expect(attempts).toBe(3)
  })

  test('can be caught, and the catch can run more steps', async () => {
    const workflow_ = flaky(99)
    const world = new World({ workflows: [workflow_] })
    await world.open()
    const run = await world.engine.start(workflow_)
    await world.advance(3_600_000)
    expect(await run.result()).toEqual(['try', 4, 'attempt 3'])
  })
})
