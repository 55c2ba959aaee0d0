import { event, NonRetriableError, type Step, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { mustBeSound, outputOf, runsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000

interface Order {
  readonly order: string
}
const ordered = event<'shop/ordered', Order>('shop/ordered')
const mended = event<'shop/mended', Order>('shop/mended')

const wait = (step: Step<{ readonly data: Order }>) =>
  step.waitForEvent('mended', { event: mended, match: 'data.order', timeout: '1h' })

const shop = workflow(
  {
    id: 'shop',
    triggers: ordered,
    onFailure: async ({ step }) => (await wait(step))?.id ?? 'in vain',
    onCancel: async ({ step, event }) => {
      const first = await step.waitForAny('mended', {
        it: { event: mended, if: 'event.data.order == async.data.order' },
        late: step.timer('1h'),
      })
      return [event.data.order, first.key]
    },
  },
  async ({ event, step }) => {
    if (event.data.order === 'bad') throw new NonRetriableError('no money')
    await step.sleep('1d')
  },
)

async function opened(): Promise<World> {
  const world = new World({ workflows: [shop] })
  await world.open()
  return world
}

test('the waits of a handler compare with the event that it sees', async () => {
  const world = await opened()
  await world.engine.send(['bad', 'good'].map(order => ordered({ order })))
  await world.settle()
  const [run] = (await runsOf(world, 'shop')).filter(({ status }) => status === 'running')
  await world.engine.cancel(run?.id ?? '')
  await world.settle()
  await world.engine.send(mended({ order: 'other' }))
  await world.settle()
  expect(await statusesOf(world, 'shop/on-failure')).toEqual(['running'])
  await world.restart()
  await world.engine.send([mended({ order: 'bad' }, { id: 'm1' }), mended({ order: 'good' })])
  await world.settle()
  expect(await outputOf(world, 'shop/on-failure')).toBe('m1')
  expect(await outputOf(world, 'shop/on-cancel')).toEqual(['good', 'it'])
  await mustBeSound(world)
})

test.each(['crash-before', 'crash-after'] as const)(
  'a handler that waits comes to the same, whatever write a crash is at: %s',
  async fault => {
    const played = async (at: number): Promise<number> => {
      const world = await opened()
      const before = world.disk.writes
      let isDown = false
      world.disk.onCrash = () => {
        isDown = true
      }
      world.disk.fault = () => (world.disk.writes === before + at ? fault : undefined)
      const healed = async (): Promise<void> => {
        await world.settle()
        if (isDown) await world.restart()
        await world.settle()
      }
      for (const each of [ordered({ order: 'bad' }, { id: 'o1' }), mended({ order: 'bad' })]) {
        const made = { ...each, id: each.name }
        void world.engine.send(made).catch(() => {})
        await healed()
        await world.engine.send(made)
        await healed()
      }
      await world.advance(HOUR)
      expect(await outputOf(world, 'shop/on-failure'), `write ${at}`).toBe('shop/mended')
      return world.disk.writes - before
    }
    const writes = await played(-1)
    expect(writes).toBeGreaterThan(3)
    for (let at = 0; at < writes; at++) await played(at)
  },
)

test('a handler can be cancelled while it waits', async () => {
  const world = await opened()
  await world.engine.send(ordered({ order: 'bad' }))
  await world.settle()
  const [handler] = await runsOf(world, 'shop/on-failure')
  await world.engine.cancel(handler?.id ?? '')
  await world.settle()
  expect(await statusesOf(world)).toEqual(['failed', 'cancelled'])
  await mustBeSound(world)
})

test('a handler is told of all the events that its run was gathered from', async () => {
  const batch = workflow(
    {
      id: 'batch',
      triggers: ordered,
      batchEvents: { maxSize: 2, timeout: '1m' },
      onFailure: async ({ event, events }) => [event, ...events].map(({ data }) => data.order),
    },
    async () => {
      throw new NonRetriableError('no money')
    },
  )
  const world = new World({ workflows: [batch] })
  await world.open()
  await world.engine.send(['a', 'b'].map(order => ordered({ order })))
  await world.settle()
  expect(await outputOf(world, 'batch/on-failure')).toEqual(['a', 'a', 'b'])
})

test('a handler cannot continue as a run that would not know what had ended', async () => {
  const failing = workflow(
    { id: 'failing', triggers: ordered, onFailure: ({ step }) => step.continueAsNew('more') },
    async () => {
      throw new NonRetriableError('no money')
    },
  )
  const world = new World({ workflows: [failing] })
  await world.open()
  await world.engine.send(ordered({ order: 'bad' }))
  await world.settle()
  const [handler, ...others] = await runsOf(world, 'failing/on-failure')
  expect(others).toEqual([])
  await expect((await world.engine.run(handler?.id ?? '')).result()).rejects.toMatchObject({
    code: 'DEFINITION_INVALID',
  })
})
