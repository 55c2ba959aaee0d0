import { type WorkflowContext, workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

const events = [1, 2, 3].map(n => ({ name: 'came', data: { n } }))

test('a run that leaves memory while it gathers loses nothing of it', async () => {
  const numbers = async ({ events }: WorkflowContext<{ n: number }>) =>
    events.map(({ data }) => data.n)
  const options = { id: 'gathers', triggers: [{ event: 'came' }] }
  const batches = workflow({ ...options, batchEvents: { maxSize: 9, timeout: '1m' } }, numbers)
  await using engine = await testEngine({ workflows: [batches] })
  await engine.send(events)
  await engine.settle()
  await engine.advance('1m')
  expect(engine.runs().map(({ output }) => output)).toEqual([[1, 2, 3]])
})
