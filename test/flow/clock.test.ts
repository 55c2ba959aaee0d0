import { workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

const HOUR = 3_600_000

test('what is written of limits alone says how late it is: a clock set back takes nothing from that', async () => {
  const rest = workflow({ id: 'rest' }, ({ step }) => step.sleep('1s'))
  await using engine = await testEngine({ workflows: [rest] })
  await engine.setClock(engine.now.getTime() - HOUR)
  const run = await engine.start(rest, undefined)
  await engine.advance('500ms')
  await engine.admission.drain({ workflow: rest })
  await engine.crash()
  await engine.advance('499ms')
  expect(run.status).toBe('running')
  await engine.advance('1ms')
  expect(run.status).toBe('completed')
})
