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
