import { type } from 'arktype'
import { event, type MadeEvent, type WorkflowContext, workflow } from 'perdure'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { World } from '../simulation/world.ts'
import { mustBeSound, outputOf, rowsOf, statusesOf } from './runs.ts'

const schemas = {
  zod: event(
    'app/zod',
    z.object({ n: z.number(), at: z.iso.date().transform(text => new Date(text)) }),
  ),
  valibot: event(
    'app/valibot',
    v.object({
      n: v.number(),
      at: v.pipe(
        v.string(),
        v.transform(text => new Date(text)),
      ),
    }),
  ),
  arktype: event('app/arktype', type({ n: 'number', at: 'string.date.parse' })),
}

const listener = workflow({ id: 'listener', triggers: 'app/*' }, async ({ event }) => event.data)

async function opened(): Promise<World> {
  const world = new World({ workflows: [listener] })
  await world.open()
  return world
}

describe('data', () => {
  test.each(Object.entries(schemas))('is what %s makes of it', async (_, made) => {
    const world = await opened()
    await world.engine.send(made({ n: 1, at: '2026-01-01' }))
    await world.settle()
    expect(await outputOf(world, 'listener')).toEqual({ n: 1, at: new Date('2026-01-01') })
  })

  test.each(Object.entries(schemas))(
    'that %s refuses keeps all of them from being sent',
    async (_, made) => {
      const world = await opened()
      // What is wrong may be noticed where the event is made, or where it is sent.
      const send = async (): Promise<unknown> =>
        world.engine.send([
          { name: 'app/fine', data: 1 },
          made({ n: 'one' as never, at: '2026-01-01' }),
        ])
      await expect(send()).rejects.toMatchObject({ code: 'DATA_INVALID' })
      expect(rowsOf(world, 'v!')).toBe(0)
      expect(await statusesOf(world)).toEqual([])
    },
  )

  test('that is written out is validated by the schema of a trigger of that name', async () => {
    const typed = workflow(
      { id: 'typed', triggers: schemas.zod },
      async ({ event }) => event.data.n,
    )
    const world = new World({ workflows: [typed] })
    await world.open()
    await expect(world.engine.send({ name: 'app/zod', data: { n: 'x' } })).rejects.toMatchObject({
      code: 'DATA_INVALID',
    })
    await world.engine.send({ name: 'app/zod', data: { n: 1, at: '2026-01-01' } })
    await world.settle()
    expect(await outputOf(world, 'typed')).toBe(1)
  })
})

describe('what is sent is refused', () => {
  const cases: [what: string, events: unknown][] = [
    ['more than 5,000', Array.from({ length: 5_001 }, () => ({ name: 'app/x', data: 1 }))],
    ['no name', { data: 1 }],
    ['an empty name', { name: '', data: 1 }],
    ['a pattern', { name: 'app/*', data: 1 }],
    ['a name of 1,000 characters', { name: 'a'.repeat(1_000), data: 1 }],
    ['a reserved name', { name: 'perdure/mine', data: 1 }],
    ['an empty id', { name: 'app/x', data: 1, id: '' }],
    ['an id of 256 characters', { name: 'app/x', data: 1, id: 'a'.repeat(256) }],
    ['an id that is no text', { name: 'app/x', data: 1, id: 7 }],
    ['a time before 1980', { name: 'app/x', data: 1, ts: 0 }],
    ['a time after 2099', { name: 'app/x', data: 1, ts: Date.UTC(2100, 0, 1) }],
    ['a time that is no number', { name: 'app/x', data: 1, ts: '2026-01-01' }],
    ['a version that is no text', { name: 'app/x', data: 1, v: 2 }],
    ['a version of 256 characters', { name: 'app/x', data: 1, v: 'a'.repeat(256) }],
    ['half a character in an id', { name: 'app/x', data: 1, id: '\ud800' }],
    ['half a character in a name', { name: 'app/\udfff', data: 1 }],
    ['an unknown field', { name: 'app/x', data: 1, user: 'u1' }],
    ['a text', 'app/x'],
    ['nothing', undefined],
  ]
  test.each(cases)('%s', async (_, events) => {
    const world = await opened()
    const fine = { name: 'app/fine', data: 1 }
    const all = Array.isArray(events) ? events : [fine, events]
    await expect(world.engine.send(all as MadeEvent[])).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    })
    expect(rowsOf(world, 'v!')).toBe(0)
  })

  test('data that cannot be stored, or is too large', async () => {
    const world = await opened()
    const fine = { name: 'app/fine', data: 1 }
    await expect(world.engine.send([fine, { name: 'app/x', data: () => 1 }])).rejects.toMatchObject(
      { code: 'VALUE_UNSTORABLE' },
    )
    await expect(
      world.engine.send([fine, { name: 'app/x', data: 'x'.repeat(1 << 20) }]),
    ).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' })
    expect(rowsOf(world, 'v!')).toBe(0)
  })

  test('data that is too much together', async () => {
    const large = { name: 'app/large', data: 'x'.repeat(1_900) }
    const sender = workflow({ id: 'sender' }, async ({ step, event }: WorkflowContext<number>) => {
      const events = Array.from({ length: event.data }, () => large)
      await step.sendEvent('tell', events)
    })
    const world = new World({ workflows: [sender], limits: { valueBytes: 2_000 } })
    await world.open()
    const tooMuch = Array.from({ length: 68 }, () => large)
    await expect(world.engine.send(tooMuch)).rejects.toMatchObject({ code: 'DATA_INVALID' })
    const run = await world.engine.start(sender, 68)
    await expect(run.result()).rejects.toMatchObject({ code: 'DATA_INVALID' })
    expect(rowsOf(world, 'v!')).toBe(0)
    await world.engine.send(tooMuch.slice(0, 60))
    await (await world.engine.start(sender, 60)).result()
    expect(rowsOf(world, 'v!')).toBe(120)
  })

  test('but 5,000 are not', async () => {
    const world = new World({ workflows: [] })
    await world.open()
    const { ids } = await world.engine.send(
      Array.from({ length: 5_000 }, (_, n) => ({ name: 'app/x', data: n })),
    )
    expect(new Set(ids).size).toBe(5_000)
    expect(rowsOf(world, 'v!')).toBe(5_000)
    expect(await world.engine.send([])).toEqual({ ids: [] })
  })
})

describe('an event of one id', () => {
  const once = { name: 'app/once', data: 1, id: 'e1' }

  test('starts one run, however often and in whatever way it is sent', async () => {
    const world = await opened()
    await Promise.all(Array.from({ length: 5 }, () => world.engine.send(once)))
    await world.engine.send([once, { ...once, data: 2 }, { ...once, name: 'app/other' }])
    await world.restart()
    await world.engine.send(once)
    await world.settle()
    expect(await statusesOf(world)).toEqual(['completed'])
    expect(rowsOf(world, 'v!')).toBe(1)
  })

  test('resumes nothing again', async () => {
    const twice = workflow({ id: 'twice' }, async ({ step }: WorkflowContext<undefined>) => {
      const first = await step.waitForEvent('first', { event: 'app/once', timeout: '1h' })
      const second = await step.waitForEvent('second', { event: 'app/once', timeout: '1h' })
      return [first?.data, second?.data]
    })
    const world = new World({ workflows: [twice] })
    await world.open()
    const run = await world.engine.start(twice)
    await world.settle()
    await world.engine.send(once)
    await world.settle()
    await world.engine.send(once)
    await world.advance(3_600_000)
    expect(await run.result()).toEqual([1, undefined])
  })

  test.each(['crash-before', 'crash-after'] as const)(
    'is there once after a %s and another try',
    async fault => {
      const world = await opened()
      world.disk.fault = ({ puts }) => (puts.has('i!e1') ? fault : undefined)
      void world.engine.send(once)
      await world.settle()
      world.crash()
      world.disk.fault = () => undefined
      await world.open()
      expect(await world.engine.send(once)).toEqual({ ids: ['e1'] })
      await world.settle()
      expect(await statusesOf(world)).toEqual(['completed'])
      expect(rowsOf(world, 'v!')).toBe(1)
      await mustBeSound(world)
    },
  )

  test('that could not be written can be sent again', async () => {
    const world = await opened()
    world.disk.fault = () => 'fails'
    await expect(world.engine.send(once)).rejects.toMatchObject({ code: 'INDETERMINATE' })
    world.disk.fault = () => undefined
    await world.restart()
    await world.engine.send(once)
    await world.settle()
    expect(await statusesOf(world)).toEqual(['completed'])
  })
})

describe('step.sendEvent', () => {
  test('stores an event of one id once, whoever has sent it', async () => {
    const same = { name: 'app/same', data: 1, id: 'e1' }
    const sender = workflow({ id: 'sender' }, async ({ step }: WorkflowContext<undefined>) => {
      const { ids } = await step.sendEvent('tell', [same, { name: 'app/other', data: 1 }, same])
      return ids.length
    })
    const world = new World({ workflows: [sender, listener] })
    await world.open()
    const sent = world.engine.send(same)
    const runs = await Promise.all([1, 2, 3].map(() => world.engine.start(sender)))
    await Promise.all([sent, world.engine.send(same)])
    await world.settle()
    expect(await Promise.all(runs.map(run => run.result()))).toEqual([3, 3, 3])
    expect(rowsOf(world, 'v!app/same!')).toBe(1)
    expect(rowsOf(world, 'v!app/other!')).toBe(3)
    await world.restart()
    await world.engine.start(sender)
    await world.advance(86_400_001)
    expect(rowsOf(world, 'v!app/same!')).toBe(1)
    await world.engine.start(sender)
    await world.settle()
    expect(rowsOf(world, 'v!app/same!')).toBe(2)
    await mustBeSound(world)
  })

  test('is known by its id to those who send it after', async () => {
    const same = { name: 'app/same', data: 1, id: 'e1' }
    const sender = workflow({ id: 'sender' }, ({ step }: WorkflowContext<undefined>) =>
      step.sendEvent('tell', same),
    )
    const world = new World({ workflows: [sender, listener] })
    await world.open()
    await (await world.engine.start(sender)).result()
    await world.engine.send(same)
    await world.settle()
    expect(await statusesOf(world, 'listener')).toEqual(['completed'])
  })

  test.each([0, 1, 2, 3, 4, 5])(
    'sends once, with its record, whatever write a crash follows: %i',
    async nth => {
      const sender = workflow({ id: 'sender' }, async ({ step }: WorkflowContext<undefined>) => {
        await step.run('before', () => 1)
        await step.sendEvent('tell', [
          { name: 'app/a', data: 1 },
          { name: 'app/b', data: 2 },
        ])
        await step.run('after', () => 1)
      })
      for (const fault of ['crash-before', 'crash-after'] as const) {
        const world = new World({ workflows: [sender, listener] })
        await world.open()
        let write = 0
        world.disk.fault = () => (write++ === nth ? fault : undefined)
        void world.engine.start(sender, undefined, { id: 's1' })
        await world.settle()
        world.crash()
        world.disk.fault = () => undefined
        await world.open()
        await world.engine.start(sender, undefined, { id: 's1' })
        await world.settle()
        expect(await statusesOf(world, 'sender')).toEqual(['completed'])
        expect(await statusesOf(world, 'listener')).toEqual(['completed', 'completed'])
        await mustBeSound(world)
      }
    },
  )
})
