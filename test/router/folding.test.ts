import { expect, test } from 'vitest'
import { Expressions } from '../../src/router/folding.ts'

const event = { name: 'app/x', data: { n: 1 }, id: 'e1', ts: 0 }

test('conditions that are made with their values in them do not pile up', () => {
  const expressions = new Expressions()
  const used = 'event.data.n == async.data.n'
  for (let n = 0; n < 3_000; n++) {
    expressions.listener('it', { event: 'app/x', if: `async.data.n == ${n}` }, event, 0)
    expressions.listener('it', { event: 'app/x', if: used }, event, 0)
  }
  expect(expressions.size).toBe(1_000)
})
