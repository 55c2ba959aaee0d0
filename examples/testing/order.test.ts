import { testEngine } from 'perdure/testing'
import 'perdure/testing/vitest'
import { expect, test } from 'vitest'
import { ordering, returned } from './order.ts'
import { Provider } from './provider.ts'

test('an order that nobody returns is kept', async () => {
  const provider = new Provider()
  const order = ordering(provider)
  await using engine = await testEngine({ workflows: [order] })

  const run = await engine.start(order, { order: 'o1', cents: 1999 })
  await engine.settle()
  expect(provider.charges).toHaveLength(1)

  await engine.crash()
  await engine.advance('14d')
  expect(run).toHaveCompleted('kept')
  expect(provider.charges).toHaveLength(1)
})

test('an order that comes back is refunded, when the provider is up again', async () => {
  const provider = new Provider()
  const order = ordering(provider)
  await using engine = await testEngine({ workflows: [order] })
  engine.steps.stub(order, 'refund', ({ attempt, body }) => {
    if (attempt < 2) throw new Error('503')
    return body()
  })

  const run = await engine.start(order, { order: 'o1', cents: 1999 })
  await engine.advance('3d')
  await engine.send(returned({ order: 'o1' }))
  await engine.advance('1m')
  expect(run).toHaveCompleted('refunded')
  expect(run).toHaveStep('refund', { status: 'succeeded', attempts: 3 })
})
