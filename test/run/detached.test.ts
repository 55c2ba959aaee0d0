import { event, type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { World } from '../simulation/world.ts'

type Nothing = WorkflowContext<undefined>
type Tools = Nothing['step']

const child = workflow({ id: 'child' }, async (_: Nothing) => 'of the child')
const made = event('detached/made')

/** Calls each tool, taken out of what it came with. */
async function all(step: Tools): Promise<unknown[]> {
  const { run, sleep, sleepUntil, shield, now, random, uuid } = step
  const { invoke, sendEvent, timer, waitForAny, waitForEvent, waitForSignal } = step
  return [
    await run('ran', () => 1),
    await sleep('1s'),
    await sleepUntil(0),
    await shield(() => run('shielded', () => 2)),
    now() instanceof Date,
    random() < 1,
    uuid().length,
    await invoke('invoked', { workflow: child, data: undefined }),
    (await sendEvent('sent', made({}))).ids.length,
    await waitForAny('any', { late: timer('1s') }),
    await waitForEvent('event', { event: made, timeout: '1s' }),
    await waitForSignal('signal', { signal: 'never', timeout: '1s' }),
  ]
}

const EACH = [
  1,
  undefined,
  undefined,
  2,
  true,
  true,
  36,
  'of the child',
  1,
  { key: 'late' },
  null,
  null,
]

const ways: { readonly [way: string]: (step: Tools) => Tools } = {
  'as it is': step => step,
  'as a prototype': step => Object.create(step),
}

for (const [way, given] of Object.entries(ways)) {
  test(`tools work taken out of their step: ${way}`, async () => {
    const subject = workflow({ id: 'subject', retries: 0 }, ({ step }: Nothing) => all(given(step)))
    const world = new World({ workflows: [subject, child] })
    await world.open()
    const { id } = await world.engine.start(subject)
    await world.advance(2_000)
    await world.restart()
    await world.advance(60_000)
    expect(await (await world.engine.run(id)).result()).toEqual(EACH)
  })
}

test('tools of two runs are told apart, and one run has each of its tools once', async () => {
  const taken: Tools['run'][] = []
  const subject = workflow({ id: 'subject' }, async ({ event, step }: WorkflowContext<number>) => {
    taken.push(step.run)
    expect(step.run).toBe(taken[event.data])
    expect(Object.keys(step)).toEqual([])
    await step.sleep('1s')
    return taken[event.data]?.('mine', () => event.data)
  })
  const world = new World({ workflows: [subject] })
  await world.open()
  const runs = [await world.engine.start(subject, 0), await world.engine.start(subject, 1)]
  await world.advance(2_000)
  expect(await Promise.all(runs.map(run => run.result()))).toEqual([0, 1])
  expect(taken[0]).not.toBe(taken[1])
})

test('what wraps a tool of one run is of that run alone', async () => {
  const told: string[] = []
  const subject = workflow({ id: 'subject' }, async ({ event, step }: WorkflowContext<string>) => {
    const { run } = step
    if (event.data === 'wrapped') {
      step.now = () => new Date(Number.NaN)
      step.run = (id, body, options) => {
        told.push(id)
        return run(id, body, options)
      }
    }
    const isTold = Number.isNaN(step.now().getTime())
    return step.run(event.data, () => ({ isTold }))
  })
  const world = new World({ workflows: [subject] })
  await world.open()
  const runs = [
    await world.engine.start(subject, 'wrapped'),
    await world.engine.start(subject, 'bare'),
  ]
  await world.advance(1)
  expect(await Promise.all(runs.map(run => run.result()))).toEqual([
    { isTold: true },
    { isTold: false },
  ])
  expect(told).toEqual(['wrapped'])
})

test('a look through a proxy leaves the tools of the step as they were', async () => {
  const subject = workflow({ id: 'subject' }, async ({ step }: Nothing) => {
    const watched = new Proxy(step, {
      get: (target, name, receiver) => Reflect.get(target, name, receiver),
    })
    void watched.run
    const named = new Proxy(step, { get: (target, name) => Reflect.get(target, name) })
    return [await step.run('a', () => 1), await named.run('b', () => 2)]
  })
  const world = new World({ workflows: [subject] })
  await world.open()
  const run = await world.engine.start(subject)
  await world.advance(1)
  expect(await run.result()).toEqual([1, 2])
})
