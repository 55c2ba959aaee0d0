import { type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>
type Steps = Nothing['step']

const drawn = (step: Steps): unknown[] => [step.random(), step.uuid(), step.now().getTime()]

test('chance drawn in a body leaves the run’s own as it is', async () => {
  const lives: unknown[][] = []
  const draws = workflow({ id: 'draws' }, async ({ step }: Nothing) => {
    const seen: unknown[] = [step.uuid()]
    lives.push(seen)
    seen.push(await step.run('create', () => step.uuid()))
    seen.push(step.uuid(), step.random())
    await step.sleep('1h')
    seen.push(step.uuid())
    return 'done'
  })
  const world = new World({ workflows: [draws] })
  await world.open()
  const { id } = await world.engine.start(draws)
  await world.settle()
  await world.restart()
  await world.advance(3_600_000)
  expect(await (await world.engine.run(id)).status()).toBe('completed')
  const [first = [], second = []] = lives
  expect(lives).toHaveLength(2)
  expect(first).toHaveLength(4)
  expect(second).toHaveLength(5)
  expect(second.slice(0, 4)).toEqual(first)
  expect(new Set(second).size).toBe(5)
})

test('all attempts of a step draw the same and see the time of its call, also after a crash', async () => {
  const attempts = new Map<string, unknown[][]>()
  const note = (id: string, step: Steps): void => {
    attempts.set(id, [...(attempts.get(id) ?? []), drawn(step)])
  }
  const tries = workflow({ id: 'tries', backoff: ['10m'] }, async ({ step }: Nothing) => {
    const called = step.now().getTime()
    const body = (id: string, most: number) => async (of: { attempt: number }) => {
      note(id, step)
      await Promise.resolve()
      if (of.attempt < most) throw new Error('again')
      return called
    }
    await Promise.all([
      step.run('a', body('a', 2)),
      // Its answer is an input between the attempts of the other: time goes on for the code.
      step.run('b', body('b', 0)).then(() => step.run('c', body('c', 0))),
    ])
    return called
  })
  const world = new World({ workflows: [tries] })
  await world.open()
  const { id } = await world.engine.start(tries)
  await world.advance(700_000)
  await world.restart()
  await world.advance(700_000)
  const called = await (await world.engine.run(id)).result()
  const [first, ...others] = attempts.get('a') ?? []
  expect(others).toEqual([first, first])
  expect(first?.[2]).toBe(called)
  const all = [...attempts.values()].flatMap(([draws = []]) => draws.slice(0, 2))
  expect(new Set(all).size).toBe(6)
})

test('a call after a promise of the user’s has the time of its record', async () => {
  const opened: (() => void)[] = []
  const times: number[] = []
  const foreign = workflow({ id: 'foreign', backoff: ['10m'] }, async ({ step }: Nothing) => {
    const nap = step.sleep('nap', '4s')
    await new Promise<void>(resolve => {
      // A replay is through at once.
      if (opened.length > 0) setImmediate(resolve)
      opened.push(resolve)
    })
    await step.run('late', ({ attempt }) => {
      times.push(step.now().getTime())
      if (attempt === 0) throw new Error('again')
    })
    await nap
  })
  const world = new World({ workflows: [foreign] })
  await world.open()
  const { id } = await world.engine.start(foreign)
  await world.advance(2_000)
  opened[0]?.()
  await world.settle()
  await world.restart()
  await world.advance(700_000)
  const run = await world.engine.run(id)
  expect(await run.status()).toBe('completed')
  let recorded: number | undefined
  for await (const { type, at } of run.entries()) if (type === 'code.woke') recorded = at
  expect(times).toEqual([recorded, recorded])
})
