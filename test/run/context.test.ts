import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { cancelHandler, failureHandler } from '../../src/run/ending-handler.ts'
import { World } from '../simulation/world.ts'

test('a context has its six properties, and all contexts share the accessor', async () => {
  const seen: WorkflowContext[] = []
  const subject = workflow({ id: 'subject' }, async (context: WorkflowContext) => {
    seen.push(context)
    const copy = { ...context }
    const heir: WorkflowContext = Object.create(context)
    return {
      keys: Object.keys(copy),
      signal: copy.signal === context.signal && heir.signal === context.signal,
      logger: typeof heir.logger.info,
    }
  })
  await using engine = await openEngine({ path: ':memory:', workflows: [subject] })
  for (const _ of [1, 2]) {
    expect(await (await engine.start(subject, undefined)).result()).toEqual({
      keys: ['event', 'events', 'step', 'run', 'logger', 'signal'],
      signal: true,
      logger: 'function',
    })
  }
  const [one, other] = seen.map(context => Object.getOwnPropertyDescriptors(context))
  expect(seen.map(({ events }) => events)).toEqual(seen.map(({ event }) => [event]))
  expect(one?.signal.get).toBeTypeOf('function')
  expect(one?.signal.get).toBe(other?.signal.get)
})

test('a logger that was taken out of its context in a replay tells what comes after it', async () => {
  const told: unknown[] = []
  const note = (_: object, message: string) => void told.push(message)
  const subject = workflow({ id: 'subject' }, async ({ logger: { info }, step }) => {
    info({}, 'before')
    await step.sleep('a', '1h')
    info({}, 'after')
  })
  const logger = { debug() {}, info: note, warn: note, error: note }
  const world = new World({ workflows: [subject], logger })
  await world.open()
  await world.engine.start(subject, undefined)
  await world.advance(1)
  await world.restart()
  await world.advance(3_600_000)
  expect(told).toEqual(['before', 'after'])
})

test('a handler of an end sees its one event, and has no flow control of its own', async () => {
  const seen: unknown[] = []
  const subject = workflow(
    {
      id: 'subject',
      concurrency: 1,
      retries: 0,
      onFailure: async ({ event, events }) => void seen.push(events[0] === event, events.length),
      onCancel: async () => {},
    },
    async () => {
      throw new Error('no')
    },
  )
  for (const handler of [failureHandler(subject), cancelHandler(subject)]) {
    expect(handler).toMatchObject({ flow: undefined })
  }
  await using engine = await openEngine({ path: ':memory:', workflows: [subject] })
  const run = await engine.start(subject, undefined)
  await expect(run.result()).rejects.toThrow('no')
  await expect.poll(() => seen).toEqual([true, 1])
})
