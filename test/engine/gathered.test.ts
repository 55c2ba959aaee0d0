import { workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

const gatherer = (options: object = {}) => {
  const seen: unknown[] = []
  const collect = workflow(
    {
      id: 'collect',
      triggers: ['app/a'],
      batchEvents: { maxSize: 10, timeout: '40s' },
      ...options,
    },
    async ({ events, step }) => {
      const values = events.map(({ data }) => (data as { n: number }).n)
      await step.run('note', () => void seen.push(...values))
      return values
    },
  )
  return { collect, seen }
}

test('what joins a run in the write that it comes in is not lost when the run leaves memory', async () => {
  const { collect } = gatherer()
  await using engine = await testEngine({ workflows: [collect] })
  await engine.send([1, 2].map(n => ({ name: 'app/a', data: { n } })))
  await engine.settle()
  await engine.advance('41s')
  const [run] = await engine.runs()
  expect(run?.output).toEqual([1, 2])
})

test('an event that cancels a run is not gathered by it, but by the next', async () => {
  const { collect, seen } = gatherer({ cancelOn: [{ event: 'app/a', if: 'async.data.n == 2' }] })
  await using engine = await testEngine({ workflows: [collect] })
  await engine.send({ name: 'app/a', data: { n: 1 } })
  await engine.send([2, 3].map(n => ({ name: 'app/a', data: { n } })))
  await engine.advance('41s')
  expect((await engine.runs()).map(({ status }) => status)).toEqual(['cancelled', 'completed'])
  expect(seen).toEqual([2, 3])
})
