import { CancelledError, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

const DAY = 86_400_000

/** Continues as a new run every day, so many times. */
const days = workflow({ id: 'days' }, async ({ event, step }: WorkflowContext<number>) => {
  await step.sleep('1d')
  return event.data === 0 ? 'over' : step.continueAsNew(event.data - 1)
})

async function opened(retention: string): Promise<World> {
  const world = new World({ workflows: [days], retention })
  await world.open()
  return world
}

async function ids(world: World): Promise<string[]> {
  const found: string[] = []
  for await (const { id, status } of world.engine.runs()) found.push(`${id} ${status}`)
  return found
}

describe('a collection', () => {
  test('keeps a run whose chain goes on, so that its id leads to the last one', async () => {
    const world = await opened('1h')
    const run = await world.engine.start(days, 5, { id: 'sub-ada' })
    await world.advance(3.5 * DAY)
    expect((await world.engine.gc()).runs).toBe(0)
    expect(await ids(world)).toHaveLength(4)
    await world.restart()
    // The same id again is the same chain.
    await world.engine.start(days, 5, { id: 'sub-ada' })
    await world.settle()
    expect(world.engine.stats().runs).toBe(1)
    await world.advance(2.52 * DAY)
    // Six days have passed: it has just ended.
    await world.engine.gc()
    expect(await (await world.engine.run(run.id)).result()).toBe('over')
  })

  test('removes a chain once its last run ended long enough ago, and what else did', async () => {
    const world = await opened('1d')
    await world.engine.start(days, 2, { id: 'long' })
    await world.advance(DAY)
    await world.engine.start(days, 0, { id: 'short' })
    await world.advance(1.5 * DAY)
    expect(await ids(world)).toHaveLength(4)
    // The chain ended on the third day, the other run on the second.
    await world.advance(DAY)
    expect((await ids(world)).filter(line => line.startsWith('short'))).toEqual([])
    expect(await ids(world)).toHaveLength(3)
    await world.advance(DAY)
    expect(await ids(world)).toEqual([])
    expect([...world.disk.rows.keys()].filter(key => !key.startsWith('c!'))).toEqual(['m'])
  })

  test('looks at each run of a long chain once', async () => {
    const world = await opened('1h')
    await world.engine.start(days, 100, { id: 'long' })
    await world.advance(20.5 * DAY)
    const before = world.disk.accesses
    expect((await world.engine.gc()).runs).toBe(0)
    expect(world.disk.accesses - before).toBeLessThan(100)
  })
})

describe('what is asked of a run that continued', () => {
  test('reaches the last one', async () => {
    const world = await opened('30d')
    const run = await world.engine.start(days, 5, { id: 'sub-ada' })
    await world.advance(2.5 * DAY)
    await world.engine.pause('sub-ada')
    expect((await ids(world))[0]).toMatch(/ paused$/)
    await world.engine.resume('sub-ada')
    await run.cancel('gone')
    await world.settle()
    await expect(run.result()).rejects.toBeInstanceOf(CancelledError)
    await expect(run.result()).rejects.toMatchObject({ reason: 'gone' })
    expect(world.engine.stats().runs).toBe(0)
    expect(await run.status()).toBe('completed')
    // Once more does nothing.
    await run.cancel()
  })

  test('reaches a successor that comes while the request is on its way', async () => {
    let done = (): void => {}
    const once = workflow({ id: 'once' }, async ({ event, step }: WorkflowContext<boolean>) => {
      if (!event.data) return step.sleep('1d')
      await step.run('wait', () => new Promise<void>(resolve => (done = resolve)))
      return step.continueAsNew(false)
    })
    const world = new World({ workflows: [once] })
    await world.open()
    const run = await world.engine.start(once, true)
    await world.settle()
    done()
    await run.cancel('too late for this one')
    await world.settle()
    expect(await run.status()).toBe('completed')
    await expect(run.result()).rejects.toMatchObject({ reason: 'too late for this one' })
  })

  test('reaches the last one when its parent is cancelled, also after a crash', async () => {
    for (const crashes of [false, true]) {
      const parent = workflow({ id: 'parent' }, ({ step }: WorkflowContext<undefined>) =>
        step.invoke('child', { workflow: days, data: 5 }),
      )
      const world = new World({ workflows: [days, parent] })
      await world.open()
      const run = await world.engine.start(parent)
      await world.advance(2.5 * DAY)
      expect(world.engine.stats().runs).toBe(2)
      await run.cancel()
      if (crashes) await world.restart()
      await world.settle()
      expect(world.engine.stats().runs).toBe(0)
      expect([...world.disk.rows.keys()].filter(key => key.startsWith('b!'))).toEqual([])
    }
  })

  test('retries the last one, parked or failed', async () => {
    let broken = true
    const fragile = workflow(
      { id: 'fragile', retries: 0 },
      async ({ event, step }: WorkflowContext<number>) => {
        await step.run(broken ? 'a' : 'b', () => {
          if (broken && event.data === 0) throw new Error('broken')
        })
        return event.data === 0 ? 'fine' : step.continueAsNew(event.data - 1)
      },
    )
    const world = new World({ workflows: [fragile] })
    await world.open()
    const run = await world.engine.start(fragile, 2)
    await expect(run.result()).rejects.toMatchObject({ message: 'broken' })
    broken = false
    const again = await world.engine.retry(run.id, { from: 'a' })
    await expect(again.result()).rejects.toMatchObject({ code: 'RUN_PARKED' })
  })
})
