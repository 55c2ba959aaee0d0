import { type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { mustBeSound, runsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000
type Nothing = WorkflowContext<undefined>

/** A parent whose step fails while its child sleeps for an hour. */
const family = () => {
  const broken = { isBroken: true }
  const child = workflow({ id: 'child' }, async ({ step }: WorkflowContext<number>) => {
    await step.sleep('1h')
    return 'grown'
  })
  const parent = workflow({ id: 'parent' }, async ({ step }: Nothing) => {
    const [grown] = await Promise.all([
      step.invoke('raise', { workflow: child, data: 1 }),
      step.run(
        'work',
        () => {
          if (broken.isBroken) throw new Error('broken')
        },
        { retries: 0 },
      ),
    ])
    return grown
  })
  return { child, parent, broken }
}

test('a retried parent hears of the child that ended after it had failed', async () => {
  const { child, parent, broken } = family()
  const world = new World({ workflows: [child, parent] })
  await world.open()
  const { id } = await world.engine.start(parent)
  await world.advance(HOUR)
  expect(await statusesOf(world)).toEqual(['failed', 'completed'])
  broken.isBroken = false
  const again = await world.engine.retry(id)
  await world.restart()
  await world.settle()
  expect(await (await world.engine.run(again.id)).result()).toBe('grown')
  expect(await statusesOf(world, 'child')).toEqual(['completed'])
  await mustBeSound(world)
})

test('a parent is not retried while its child goes on', async () => {
  const { child, parent, broken } = family()
  const world = new World({ workflows: [child, parent] })
  await world.open()
  const { id } = await world.engine.start(parent)
  await world.settle()
  broken.isBroken = false
  await expect(world.engine.retry(id)).rejects.toMatchObject({ code: 'RUN_STATUS' })
  expect(await statusesOf(world, 'parent')).toEqual(['failed'])
  const [youngster] = await runsOf(world, 'child')
  await world.engine.cancel(youngster?.id ?? '')
  await world.settle()
  const again = await world.engine.retry(id)
  await world.advance(HOUR)
  expect(await again.result()).toBe('grown')
  expect(await statusesOf(world, 'child')).toEqual(['cancelled', 'completed'])
})

test('a parent that failed with its child starts another, with as much time', async () => {
  let isBroken = true
  const child = workflow({ id: 'child', retries: 0 }, async ({ event, step }: WorkflowContext) => {
    await step.sleep('30m')
    if (isBroken) throw new Error('broken')
    return event.data
  })
  const parent = workflow({ id: 'parent', retries: 0 }, async ({ step }: Nothing) =>
    step.invoke('raise', { workflow: child, data: 7, timeout: '40m' }),
  )
  const world = new World({ workflows: [child, parent] })
  await world.open()
  const run = await world.engine.start(parent)
  await world.advance(2 * HOUR)
  await expect(run.result()).rejects.toThrow('broken')
  isBroken = false
  const again = await world.engine.retry(run.id)
  await world.restart()
  await world.advance(HOUR)
  expect(await (await world.engine.run(again.id)).result()).toBe(7)
  expect(await statusesOf(world, 'child')).toEqual(['failed', 'completed'])
  await mustBeSound(world)
})
