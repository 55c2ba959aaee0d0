import { event, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { mustBeSound, rowsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ping = event<'app/ping', { n: number }>('app/ping')
const pong = event<'app/pong', { n: number }>('app/pong')

const onPing = workflow({ id: 'on-ping', triggers: ping }, async ({ event }) => event.data.n)

describe('the id of an event', () => {
  test('is known for a day, whether its row was removed or not', async () => {
    const world = new World({ workflows: [onPing], retention: 'forever' })
    await world.open()
    await world.engine.send(ping({ n: 1 }, { id: 'e1' }))
    world.clock.jump(DAY)
    await world.engine.send(ping({ n: 2 }, { id: 'e1' }))
    await world.settle()
    expect(await statusesOf(world)).toHaveLength(1)
    world.clock.jump(1)
    await world.engine.send(ping({ n: 3 }, { id: 'e1' }))
    await world.settle()
    expect(await statusesOf(world)).toHaveLength(2)
  })

  test('is forgotten after a day, but not when it was given again', async () => {
    const world = new World({ workflows: [onPing] })
    await world.open()
    const ids = Array.from({ length: 2_500 }, (_, n) => ping({ n }, { id: `e${n}` }))
    await world.engine.send(ids)
    world.clock.jump(DAY + 1)
    await world.engine.send([ping({ n: -1 }, { id: 'e7' }), ping({ n: -1 }, { id: 'new' })])
    await world.settle()
    expect(rowsOf(world, 'i!')).toBe(2_501)
    await world.engine.gc()
    expect(rowsOf(world, 'i!')).toBe(2)
    await world.engine.send(ping({ n: 1 }, { id: 'e7' }))
    expect(rowsOf(world, 'v!')).toBe(2_502)
    await mustBeSound(world)
  })

  test('is forgotten while nothing else is written, and while commits that list it are trimmed', async () => {
    for (const retention of ['30d', '1m']) {
      const world = new World({ workflows: [onPing], retention })
      await world.open()
      for (const id of ['e1', 'e2', 'e3']) {
        await world.engine.send(ping({ n: 1 }, { id }))
        await world.advance(2 * HOUR)
        await world.engine.gc()
        await mustBeSound(world)
      }
      expect(rowsOf(world, 'i!')).toBe(3)
      world.clock.jump(DAY - 5 * HOUR)
      await world.engine.gc()
      await mustBeSound(world)
      expect(rowsOf(world, 'i!')).toBe(2)
      world.clock.jump(DAY)
      await world.engine.gc()
      expect(rowsOf(world, 'i!')).toBe(0)
      await mustBeSound(world)
      await world.restart()
      await mustBeSound(world)
    }
  })

  test('that is given again while it is being forgotten stays', async () => {
    const world = new World({ workflows: [] })
    await world.open()
    // So many that they are still being read when one of them is given again.
    await world.engine.send(Array.from({ length: 600 }, (_, n) => ping({ n }, { id: `e${n}` })))
    world.clock.jump(DAY + 1)
    const reading = new Promise<void>(resolve => {
      world.disk.slow = key => {
        if (key === 'i!') resolve()
        return undefined
      }
    })
    const collected = world.engine.gc()
    await reading
    await world.engine.send(ping({ n: 2 }, { id: 'e1' }))
    expect(rowsOf(world, 'i!')).toBe(600)
    await collected
    expect(rowsOf(world, 'i!')).toBe(1)
    await mustBeSound(world)
  })
})

/** Time passes while nobody is there. */
async function away(world: World, ms: number): Promise<void> {
  world.crash()
  world.clock.jump(ms)
  await world.open()
  await world.settle()
}

describe('events', () => {
  test('are removed an hour after the retention, name by name', async () => {
    const world = new World({ workflows: [onPing], retention: '10d' })
    await world.open()
    await world.engine.send([ping({ n: 1 }), pong({ n: 1 }), { name: 'app/other', data: 1 }])
    await away(world, 5 * DAY)
    await world.engine.send([ping({ n: 2 }), pong({ n: 2 })])
    await world.settle()
    await away(world, 5 * DAY + HOUR)
    expect((await world.engine.gc()).events).toBe(0)
    await away(world, 1)
    expect(await world.engine.gc()).toMatchObject({ events: 3 })
    expect(rowsOf(world, 'v!')).toBe(2)
    await mustBeSound(world)
    await away(world, 6 * DAY)
    expect(await world.engine.gc()).toMatchObject({ events: 2 })
    await world.engine.gc()
    expect(rowsOf(world, 'v!')).toBe(0)
    expect(rowsOf(world, 'c!')).toBeLessThan(4)
    await mustBeSound(world)
    await world.restart()
    await mustBeSound(world)
  })

  test('go in commits of a thousand', async () => {
    const world = new World({ workflows: [] })
    await world.open()
    await world.engine.send(Array.from({ length: 2_500 }, (_, n) => pong({ n })))
    world.clock.jump(31 * DAY)
    const sizes: number[] = []
    world.disk.onWrite = ({ dels }) => void sizes.push(dels.length)
    expect((await world.engine.gc()).events).toBe(2_500)
    expect(sizes.slice(0, 3)).toEqual([1_000, 1_000, 500])
    await mustBeSound(world)
  })

  test('keep the commits that list them, so that a lost one is missed', async () => {
    const world = new World({ workflows: [] })
    await world.open()
    await world.engine.send(pong({ n: 1 }))
    for (let n = 0; n < 3; n++) await world.restart()
    await world.engine.gc()
    await mustBeSound(world)
    for (const key of world.disk.rows.keys()) if (key.startsWith('v!')) world.disk.rows.delete(key)
    await expect(mustBeSound(world)).rejects.toThrow()
  })

  test('are not looked back to once they may be removed', async () => {
    const look = workflow({ id: 'look' }, async ({ step }: WorkflowContext<undefined>) =>
      step.waitForEvent('pong', { event: pong, timeout: '1h', since: 0 }),
    )
    const world = new World({ workflows: [look], retention: '10d' })
    await world.open()
    await world.engine.send(pong({ n: 1 }))
    world.clock.jump(10 * DAY)
    const soon = await world.engine.start(look)
    expect(await soon.result()).toMatchObject({ data: { n: 1 } })
    world.clock.jump(1)
    const late = await world.engine.start(look)
    await world.advance(HOUR)
    expect(await late.result()).toBe(null)
  })

  test('and ids are removed by themselves, whatever the retention of runs', async () => {
    const world = new World({ workflows: [], retention: 'forever' })
    await world.open()
    await world.engine.send(pong({ n: 1 }, { id: 'e1' }))
    await world.advance(DAY + HOUR)
    expect(rowsOf(world, 'i!')).toBe(0)
    expect(rowsOf(world, 'v!')).toBe(1)
  })
})
