import { type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { World } from '../simulation/world.ts'
import { mustBeSound, statusesOf } from './runs.ts'

const approval = workflow({ id: 'approval' }, ({ event, step }: WorkflowContext<string>) =>
  step.waitForSignal<string>('approved', { signal: event.data, timeout: '1h' }),
)

describe('a signal', () => {
  test('resumes all that wait for it, and nobody else', async () => {
    const world = new World({ workflows: [approval] })
    await world.open()
    const runs = await Promise.all(['a', 'a', 'b'].map(name => world.engine.start(approval, name)))
    await world.settle()
    await world.engine.signal('a', 'yes')
    await world.advance(3_600_000)
    expect(await Promise.all(runs.map(run => run.result()))).toEqual(['yes', 'yes', null])
    await mustBeSound(world)
  })

  test('for nobody is no error, and is not kept for later', async () => {
    const world = new World({ workflows: [approval] })
    await world.open()
    await world.engine.signal('a', 'too early')
    const run = await world.engine.start(approval, 'a')
    await world.advance(3_600_000)
    expect(await run.result()).toBe(null)
  })

  test('of one id counts once a day, and has nothing to do with an event of that id', async () => {
    const twice = workflow({ id: 'twice' }, async ({ step }: WorkflowContext<undefined>) => {
      const first = await step.waitForSignal('first', { signal: 'a', timeout: '40h' })
      return [first, await step.waitForSignal('second', { signal: 'a', timeout: '40h' })]
    })
    const world = new World({ workflows: [twice] })
    await world.open()
    const { id } = await world.engine.start(twice)
    await world.settle()
    await world.engine.send({ name: 'app/other', data: 0, id: 'click' })
    const click = () => world.engine.signal('a', 'click', { id: 'click' })
    await Promise.all([click(), click()])
    await world.settle()
    world.crash()
    await world.open()
    await click()
    await world.settle()
    expect(await statusesOf(world)).toEqual(['running'])
    await world.engine.signal('a', 'other', { id: 'other' })
    expect(await (await world.engine.run(id)).result()).toEqual(['click', 'other'])
    await expect(world.engine.signal('a', 1, { id: '' })).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    })
    await mustBeSound(world)
  })

  test('carries whatever can be stored, or nothing', async () => {
    const world = new World({ workflows: [approval] })
    await world.open()
    const run = await world.engine.start(approval, 'a')
    const other = await world.engine.start(approval, 'b')
    await world.settle()
    await world.engine.signal('a', new Map([[1, new Date(0)]]))
    await world.engine.signal('b')
    expect(await run.result()).toEqual(new Map([[1, new Date(0)]]))
    expect(await other.result()).toBe(undefined)
  })

  test.each(['crash-before', 'crash-after'] as const)(
    'that a %s breaks off is there whole, or not',
    async fault => {
      const world = new World({ workflows: [approval] })
      await world.open()
      await Promise.all(['a', 'a', 'a'].map(name => world.engine.start(approval, name)))
      await world.settle()
      world.disk.fault = () => fault
      void world.engine.signal('a', 'yes')
      await world.settle()
      world.crash()
      world.disk.fault = () => undefined
      await world.open()
      await world.settle()
      const status = fault === 'crash-after' ? 'completed' : 'running'
      expect(await statusesOf(world)).toEqual([status, status, status])
    },
  )

  test.each([[''], ['a'.repeat(256)], [7]])('must have a name, not %j', async name => {
    const world = new World({ workflows: [] })
    await world.open()
    await expect(world.engine.signal(name as string)).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    })
  })
})
