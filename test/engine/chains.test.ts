import { CancelledError, event, type WorkflowContext, workflow } from 'perdure'
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

/** Of the store: how many rows, and how much is in them. */
function weightOf({ disk }: World): { rows: number; bytes: number } {
  let bytes = 0
  for (const [key, value] of disk.rows) bytes += key.length + value.length
  return { rows: disk.rows.size, bytes }
}

/** Time passes while nobody is there. */
async function away(world: World, ms: number): Promise<void> {
  world.crash()
  world.clock.jump(ms)
  await world.open()
  await world.settle()
}

const LINKS = 1_000

describe(`of ${LINKS} runs that continue each other`, () => {
  const worker = workflow({ id: 'worker' }, async ({ event, step }: WorkflowContext<number>) => {
    await step.run('work', () => event.data)
    if (event.data < LINKS) return step.continueAsNew(event.data + 1)
    await step.sleep('10d')
    return 'over'
  })

  test('all are kept as long as the last one goes on, at a known price, and none after it', async () => {
    const world = new World({ workflows: [worker], retention: '1h' })
    await world.open()
    await world.engine.start(worker, 1, { id: 'first' })
    await world.settle()
    const before = world.disk.accesses
    await away(world, 9 * DAY)
    // None of them is in memory, and those that ended are not read when the engine opens.
    expect(world.engine.stats().runs).toBe(1)
    expect(world.disk.accesses - before).toBeLessThan(100)
    expect((await world.engine.gc()).runs).toBe(0)
    expect(await ids(world)).toHaveLength(LINKS)
    expect(weightOf(world).bytes / LINKS).toBeLessThan(2_000)
    await away(world, 2 * DAY)
    expect(await (await world.engine.run('first')).result()).toBe('over')
    await away(world, DAY)
    expect((await world.engine.gc()).runs).toBe(LINKS)
    expect(await ids(world)).toEqual([])
    expect(weightOf(world).rows).toBeLessThan(10)
  })

  test('few are kept if they hand over by an event: each is removed for itself', async () => {
    const next = event<'worker/next', number>('worker/next')
    const relay = workflow({ id: 'relay', triggers: next }, async ({ event, step }) => {
      await step.sleep('10s')
      await step.sendEvent('hand over', next(event.data + 1))
    })
    const world = new World({ workflows: [relay], retention: '1m' })
    await world.open()
    await world.engine.send(next(1))
    for (let minute = 0; minute < 5; minute++) {
      await world.advance(60_000)
      await world.engine.gc()
      expect((await ids(world)).length).toBeLessThan(9)
    }
    expect(world.engine.stats().runs).toBe(1)
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
