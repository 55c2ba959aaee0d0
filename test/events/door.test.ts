import { event, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { World } from '../simulation/world.ts'
import { outputOf, rowsOf, statusesOf } from './runs.ts'

const HOUR = 3_600_000
type Nothing = WorkflowContext<undefined>

const sized = z.object({ n: z.coerce.number<string>().default(7) })
const slow = sized.refine(async () => true)

test.each([sized, slow])('a child is given what its schema makes of its data', async schema => {
  const child = workflow({ id: 'child', schema }, async ({ event }) => event.data.n)
  const parent = workflow({ id: 'parent' }, async ({ step, event }: WorkflowContext<string>) => {
    const given = event.data === '' ? {} : { n: event.data }
    return step.invoke('call', { workflow: child, data: given })
  })
  const world = new World({ workflows: [child, parent] })
  await world.open()
  const runs = await Promise.all(['5', '', 'x'].map(n => world.engine.start(parent, n)))
  await world.restart()
  await world.settle()
  const [five, seven, none] = await Promise.all(runs.map(({ id }) => world.engine.run(id)))
  expect(await five?.result()).toBe(5)
  expect(await seven?.result()).toBe(7)
  await expect(none?.result()).rejects.toMatchObject({ code: 'DATA_INVALID' })
  expect(await statusesOf(world, 'child')).toEqual(['completed', 'completed'])
})

test('an event that a step sends is validated by the schema of a trigger of its name', async () => {
  const typed = event('app/typed', sized)
  const listener = workflow({ id: 'listener', triggers: typed }, async ({ event }) => event.data.n)
  const sender = workflow({ id: 'sender' }, ({ step, event }: WorkflowContext<string>) =>
    step.sendEvent('tell', { name: 'app/typed', data: { n: event.data } }),
  )
  const world = new World({ workflows: [listener, sender] })
  await world.open()
  await world.engine.start(sender, '5')
  const wrong = await world.engine.start(sender, 'x')
  await world.settle()
  expect(await outputOf(world, 'listener')).toBe(5)
  await expect(wrong.result()).rejects.toMatchObject({ code: 'DATA_INVALID' })
})

test('nothing is validated again in a replay', async () => {
  const made = (schema: z.ZodType<number>) => {
    const told = event('app/told', schema)
    const child = workflow({ id: 'child', schema }, async ({ event }) => event.data)
    const parent = workflow({ id: 'parent' }, async ({ step }: Nothing) => {
      await step.sendEvent('tell', told(1))
      const output = await step.invoke('call', { workflow: child, data: 1 })
      await step.sleep('1h')
      return output
    })
    return { child, parent }
  }
  const before = made(z.number())
  const world = new World({ workflows: [before.child, before.parent] })
  await world.open()
  const { id } = await world.engine.start(before.parent)
  await world.settle()
  // The child is not needed any more, and not given.
  await world.restart({ workflows: [made(z.number().min(2)).parent] })
  await world.advance(HOUR)
  expect(await (await world.engine.run(id)).result()).toBe(1)
})

test('a refusal that the code has answered is the same in a replay', async () => {
  const child = workflow({ id: 'child', schema: sized }, async ({ event }) => event.data.n)
  const parent = workflow({ id: 'parent' }, async ({ step }: Nothing) => {
    const call = (n: string) => step.invoke('call', { workflow: child, data: { n } })
    const first = await call('x').catch(() => step.run('instead', () => 1))
    const second = await call('2')
    await step.sleep('1h')
    return [first, second]
  })
  const world = new World({ workflows: [child, parent] })
  await world.open()
  const { id } = await world.engine.start(parent)
  await world.settle()
  await world.restart()
  await world.advance(HOUR)
  expect(await (await world.engine.run(id)).result()).toEqual([1, 2])
})

test('a signal starts nothing, whatever the pattern', async () => {
  const ends = workflow({ id: 'ends', triggers: 'perdure/*' }, async ({ event }) => event.name)
  const other = workflow({ id: 'other' }, async (_: Nothing) => 1)
  const world = new World({ workflows: [ends, other] })
  await world.open()
  await world.engine.signal('approved', 1)
  await world.engine.start(other)
  await world.settle()
  expect(await outputOf(world, 'ends')).toBe('perdure/run.completed')
})

describe('what a schema says is waited for', () => {
  const never = event(
    'app/never',
    z.number().refine(async () => false, 'never'),
  )

  test('also when another event is refused before', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    try {
      const world = new World({ workflows: [] })
      await world.open()
      const sent = world.engine.send([never(1), { name: 'app/*', data: 1 }])
      await expect(sent).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
      await world.settle()
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })

  test('whatever promises its library makes', async () => {
    const answer = { value: 42 }
    const thenable: PromiseLike<typeof answer> = {
      // biome-ignore lint/suspicious/noThenProperty: that is what makes it one.
      then: (ok, no) => Promise.resolve(answer).then(ok, no),
    }
    const schema = {
      '~standard': { version: 1, vendor: 'own', validate: () => thenable as never },
    } as const
    const told = event('app/told', schema)
    const listener = workflow({ id: 'listener', triggers: told }, async ({ event }) => event.data)
    const child = workflow({ id: 'child', schema }, async ({ event }) => event.data)
    const world = new World({ workflows: [listener, child] })
    await world.open()
    await world.engine.send(told(1 as never))
    expect(await (await world.engine.start(child, 1 as never)).result()).toBe(42)
    await world.settle()
    expect(await outputOf(world, 'listener')).toBe(42)
  })
})

test('events are all accepted or none, also where another has one of their ids and is refused', async () => {
  const narrow = workflow(
    {
      id: 'narrow',
      triggers: 'app/narrow',
      concurrency: { limit: 1, per: 'run' },
      backlog: { runs: 1 },
    },
    async ({ step }) => step.sleep('1h'),
  )
  const world = new World({ workflows: [narrow] })
  await world.open()
  for (let n = 0; n < 2; n++) {
    await world.engine.send({ name: 'app/narrow', data: n })
    await world.settle()
  }
  const before = rowsOf(world, 'v!')
  const mine = [
    { name: 'app/other', data: 1 },
    { name: 'app/other', data: 2, id: 'same' },
  ]
  const refused = world.engine.send({ name: 'app/narrow', data: 1, id: 'same' })
  const accepted = [world.engine.send(mine), world.engine.send(mine.slice(1))]
  await expect(refused).rejects.toMatchObject({ code: 'OVERLOADED' })
  const [sent] = await Promise.all(accepted)
  expect(sent?.ids).toEqual([expect.any(String), 'same'])
  expect(rowsOf(world, 'v!') - before).toBe(2)
})
