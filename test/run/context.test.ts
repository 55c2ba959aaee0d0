import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'

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
  expect(one?.signal.get).toBeTypeOf('function')
  expect(one?.signal.get).toBe(other?.signal.get)
  expect(one?.logger.get).toBe(other?.logger.get)
})
