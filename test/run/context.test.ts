import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { cancelHandler, failureHandler } from '../../src/run/ending-handler.ts'

test('a context has its six properties, and all contexts share the accessors', async () => {
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
      keys: ['event', 'events', 'step', 'run', 'signal', 'logger'],
      signal: true,
      logger: 'function',
    })
  }
  const [one, other] = seen.map(context => Object.getOwnPropertyDescriptors(context))
  expect(seen.map(({ events }) => events)).toEqual(seen.map(({ event }) => [event]))
  expect(one?.signal.get).toBeTypeOf('function')
  expect(one?.signal.get).toBe(other?.signal.get)
  expect(one?.logger.get).toBe(other?.logger.get)
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
