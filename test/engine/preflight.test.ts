import { type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Code = (context: WorkflowContext<undefined>) => Promise<unknown>

const order = (code: Code) => workflow({ id: 'order' }, code)
const other = workflow({ id: 'other' }, async ({ step }: WorkflowContext<undefined>) => {
  await step.sleep('rest', '1h')
  await step.run('late', () => 1)
})

const waiting: Code = async ({ step }) => {
  await step.run('reserve', () => 1)
  await step.sleep('nap', '30d')
}

const changed: Code = async ({ step }) => {
  await step.run('hold', () => 1)
}

async function asleep(): Promise<World> {
  const world = new World({ workflows: [order(waiting), other] })
  await world.open()
  await world.engine.start(order(waiting), undefined, { id: 'o1' })
  await world.engine.start(order(waiting), undefined, { id: 'o2' })
  await world.engine.start(other, undefined, { id: 'x1' })
  await world.settle()
  return world
}

const statuses = async (world: World): Promise<Record<string, string>> => {
  const found: Record<string, string> = {}
  for await (const { id, status } of world.engine.runs()) found[id] = status
  return found
}

const told = (world: World): object[] =>
  world.logged
    .filter(({ message }) => message === 'runs replayed before they go on')
    .map(({ facts }) => facts)

test('parks what does not fit before the engine is there, and lets the others go on', async () => {
  const world = await asleep()
  await world.restart({ workflows: [order(changed), other], preflight: 'park' })
  expect(await statuses(world)).toEqual({ o1: 'parked', o2: 'parked', x1: 'running' })
  expect(told(world)).toEqual([{ replayed: 3, misfits: 2 }])
  const parked = (await world.engine.run('o1')).result()
  await expect(parked).rejects.toMatchObject({
    code: 'RUN_PARKED',
    facts: {
      code: 'NON_DETERMINISTIC',
      report: { entry: 2, recorded: 'step.scheduled "reserve"', asked: 'step.scheduled "hold"' },
    },
  })
  await world.advance(3_600_000)
  expect(await statuses(world)).toEqual({ o1: 'parked', o2: 'parked', x1: 'completed' })
})

test('is off unless it is asked for', async () => {
  const world = await asleep()
  const before = world.disk.accesses
  await world.restart({ workflows: [order(changed), other] })
  await world.settle()
  const off = world.disk.accesses - before
  expect(await statuses(world)).toEqual({ o1: 'running', o2: 'running', x1: 'running' })
  await world.restart({ workflows: [order(waiting), other], preflight: 'park' })
  await world.settle()
  expect(world.disk.accesses - before - off, 'it reads every run').toBeGreaterThan(off)
  expect(await statuses(world)).toEqual({ o1: 'running', o2: 'running', x1: 'running' })
})

test('lets parked runs go on when their code fits again', async () => {
  const world = await asleep()
  await world.restart({ workflows: [order(changed), other], preflight: 'park' })
  await world.restart({ workflows: [order(waiting), other], preflight: 'park' })
  expect(await statuses(world)).toMatchObject({ o1: 'parked' })
  await world.engine.retry('o1')
  await world.advance(30 * 86_400_000)
  expect(await statuses(world)).toMatchObject({ o1: 'completed', o2: 'parked' })
})

test('leaves a paused run paused, until it goes on', async () => {
  const world = await asleep()
  await world.engine.pause('o1')
  await world.restart({ workflows: [order(changed), other], preflight: 'park' })
  await world.settle()
  expect(await statuses(world)).toMatchObject({ o1: 'paused', o2: 'parked' })
  await world.engine.resume('o1').catch(() => {})
  await world.settle()
  expect(await statuses(world)).toMatchObject({ o1: 'parked' })
})

test('parks a run whose code waits for its retry, which goes on when it is due', async () => {
  const failing: Code = async ({ step }) => {
    await step.run('reserve', () => 1)
    throw new Error('a mistake')
  }
  const mended: Code = async ({ step }) => {
    await step.run('reserve', () => 1)
  }
  const again = (code: Code) => workflow({ id: 'order', backoff: ['1h'] }, code)
  const world = new World({ workflows: [again(failing)] })
  await world.open()
  await world.engine.start(again(failing), undefined, { id: 'o1' })
  await world.settle()
  await world.restart({ workflows: [again(changed)], preflight: 'park' })
  expect(await statuses(world)).toEqual({ o1: 'parked' })
  await world.restart({ workflows: [again(mended)], preflight: 'park' })
  await world.engine.retry('o1')
  await world.advance(60_000)
  expect(await statuses(world)).toEqual({ o1: 'running' })
  await world.advance(7_200_000)
  expect(await statuses(world)).toEqual({ o1: 'completed' })
})

test('comes before anything that is overdue, and before any step', async () => {
  let charged = 0
  const busy: Code = async ({ step }) => {
    await step.run('charge', () => {
      charged++
      return new Promise(() => {})
    })
  }
  const world = new World({ workflows: [order(busy), other] })
  await world.open()
  await world.engine.start(order(busy), undefined, { id: 'o1' })
  await world.engine.start(other, undefined, { id: 'x1' })
  await world.settle()
  expect(charged).toBe(1)
  world.crash()
  world.clock.pass(7_200_000)
  const written: string[] = []
  world.disk.onWrite = ({ puts }) => {
    for (const key of puts.keys()) if (key.startsWith('e!')) written.push(key)
  }
  const renamed: Code = async ({ step }) => {
    await step.run('charge-card', () => charged++)
  }
  await world.open({ workflows: [order(renamed), other], preflight: 'park' })
  await world.settle()
  expect(charged).toBe(1)
  expect(written[0]).toContain('!o1!')
  expect(await statuses(world)).toEqual({ o1: 'parked', x1: 'completed' })
})

test('looks at nothing ahead while the process dies again and again', async () => {
  const world = await asleep()
  // Each opening dies before a minute has passed.
  const fits = { workflows: [order(waiting), other], preflight: 'park' } as const
  for (let death = 0; death < 3; death++) await world.restart(fits)
  world.logged.length = 0
  await world.restart({ workflows: [order(changed), other] })
  expect(told(world)).toEqual([])
  await world.advance(120_000)
  await world.restart()
  expect(told(world)).toEqual([{ replayed: 3, misfits: 2 }])
})
