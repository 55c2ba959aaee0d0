import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { mustBeSound } from './runs.ts'

const HOUR = 3_600_000
type Nothing = WorkflowContext<undefined>

const wait = async ({ step }: Pick<Nothing, 'step'>): Promise<unknown> =>
  (await step.waitForEvent('answer', { event: 'app/answer', timeout: '1h' }))?.data ?? 'late'

/** What a run gets that does this, and then waits. */
async function heardAfter(
  ask: (context: Nothing, world: World) => Promise<unknown>,
): Promise<unknown> {
  const child = workflow({ id: 'child' }, async ({ step }: Nothing) => {
    await step.sendEvent('tell', { name: 'app/answer', data: 'told' })
    await step.sleep('1m')
  })
  const asks = workflow({ id: 'asks', backoff: [1_000] }, async (context: Nothing) => {
    if ((await ask(context, world)) === 'child') {
      await context.step.invoke('child', { workflow: child })
    }
    return wait(context)
  })
  const world: World = new World({ workflows: [asks, child] })
  await world.open()
  const { id } = await world.engine.start(asks)
  await world.advance(2 * HOUR)
  const run = await world.engine.run(id)
  const result = await run.result()
  await mustBeSound(world)
  return result
}

const answer = async (world: World, data: unknown): Promise<void> => {
  await world.engine.send({ name: 'app/answer', data })
  world.clock.pass(5)
}

describe('what comes before the wait is heard', () => {
  test('of the first of several steps, one of which is tried again', async () => {
    const got = await heardAfter(async ({ step }, world) => {
      await step.run('ask', () => answer(world, 'told'))
      await step.run('note', ({ attempt }) => {
        if (attempt === 0) throw new Error('once more')
      })
    })
    expect(got).toBe('told')
  })

  test('of a child', async () => {
    expect(await heardAfter(async () => 'child')).toBe('told')
  })

  test('not of a step before a sleep', async () => {
    const got = await heardAfter(async ({ step }, world) => {
      await step.run('ask', () => answer(world, 'told'))
      await step.sleep('1s')
    })
    expect(got).toBe('late')
  })

  test('not twice, and not what an earlier wait was there for', async () => {
    const got = await heardAfter(async ({ step }, world) => {
      await step.run('ask', () => answer(world, 'first'))
      expect(await wait({ step })).toBe('first')
      await step.run('note', () => 1)
      await step.run('more', () => answer(world, 'second'))
      await step.run('note', () => 1)
    })
    expect(got).toBe('second')
  })
})

describe('what is sent right after what starts the run is heard', () => {
  const started = workflow({ id: 'started', triggers: 'app/go' }, ({ step }) =>
    step
      .waitForEvent('answer', { event: 'app/answer', timeout: '1h' })
      .then(answer => answer?.data ?? 'late'),
  )
  const go = { name: 'app/go', data: 1 }
  const told = { name: 'app/answer', data: 'told' }

  const outcome = async (send: (world: World) => Promise<unknown>): Promise<unknown> => {
    const world = new World({ workflows: [started] })
    await world.open()
    await send(world)
    await world.advance(HOUR)
    const results: unknown[] = []
    for await (const { id } of world.engine.runs()) {
      results.push(await (await world.engine.run(id)).result())
    }
    await mustBeSound(world)
    return results
  }

  test('in one change, in the next one, and not before', async () => {
    expect(await outcome(({ engine }) => engine.send([go, told]))).toEqual(['told'])
    expect(await outcome(({ engine }) => engine.send([told, go]))).toEqual(['late'])
    const inTurn = async ({ engine }: World): Promise<void> => {
      await engine.send(told)
      await engine.send(go)
      await engine.send({ ...told, data: 'later' })
    }
    expect(await outcome(inTurn)).toEqual(['later'])
  })

  test('across a crash', async () => {
    const crashing = async (world: World): Promise<void> => {
      await world.engine.send(go)
      world.clock.pass(1)
      world.disk.fault = ({ puts }) =>
        [...puts.keys()].some(key => key.startsWith('w!')) ? 'crash-before' : undefined
      await world.engine.send(told)
      await world.settle()
      world.crash()
      world.disk.fault = () => undefined
      await world.open()
    }
    expect(await outcome(crashing)).toEqual(['told'])
  })
})

describe('what was there before the run is not heard, though a step comes before the wait', () => {
  // Time stands still here: all of it happens in one millisecond.
  const outputs = async (world: World): Promise<unknown[]> => {
    await world.settle()
    const found: unknown[] = []
    for await (const { id, status } of world.engine.runs()) {
      const ended = status === 'completed'
      found.push(ended ? await (await world.engine.run(id)).result() : status)
    }
    await mustBeSound(world)
    return found.sort()
  }
  const again = workflow({ id: 'again', triggers: 'app/answer' }, async ({ step }) => {
    await step.run('note', () => 1)
    return (await step.waitForEvent('answer', { event: 'app/answer', timeout: '1h' }))?.data
  })
  const told = (data: unknown) => ({ name: 'app/answer', data })

  test.each([false, true])('not the event that started it (after a crash: %s)', async crashes => {
    const world = new World({ workflows: [again] })
    await world.open()
    if (crashes) {
      world.disk.fault = ({ puts }) =>
        [...puts.keys()].some(key => key.startsWith('w!')) ? 'crash-before' : undefined
    }
    await world.engine.send(told('own'))
    await world.settle()
    if (crashes) {
      world.crash()
      world.disk.fault = () => undefined
      await world.open()
    }
    expect(await outputs(world)).toEqual(['running'])
    await world.engine.send(told('next'))
    expect(await outputs(world)).toEqual(['next', 'running'])
  })

  test('not what a run looks back to that began with it', async () => {
    const back = workflow({ id: 'back', triggers: 'app/answer' }, async ({ step }) => {
      const options = { event: 'app/answer', timeout: '1h', since: 0 } as const
      return (await step.waitForEvent('answer', options))?.data
    })
    const world = new World({ workflows: [back] })
    await world.open()
    await world.engine.send(told('own'))
    expect(await outputs(world)).toEqual(['running'])
  })

  test('not what was sent before it was started', async () => {
    const asks = workflow({ id: 'asks' }, async ({ step }: Nothing) => {
      await step.run('note', () => 1)
      return wait({ step })
    })
    const world = new World({ workflows: [asks] })
    await world.open()
    await world.engine.send(told('before'))
    await world.engine.start(asks)
    expect(await outputs(world)).toEqual(['running'])
    await world.engine.send(told('after'))
    expect(await outputs(world)).toEqual(['after'])
  })

  test('not what the run before it was answered by', async () => {
    const loop = workflow({ id: 'loop' }, async ({ event, step }: WorkflowContext<number>) => {
      await step.run('note', () => 1)
      await wait({ step })
      return event.data === 5 ? 'enough' : step.continueAsNew(event.data + 1)
    })
    const world = new World({ workflows: [loop] })
    await world.open()
    await world.engine.start(loop, 0)
    await world.settle()
    await world.engine.send(told(1))
    await world.settle()
    const statuses: string[] = []
    for await (const { status } of world.engine.runs()) statuses.push(status)
    expect(statuses.sort()).toEqual(['completed', 'running'])
  })
})
