import { openEngine } from 'perdure'
import { expect, test } from 'vitest'
import { hello } from '../../examples/hello.ts'
import { story } from './story.ts'

test('greets, sleeps, and returns the greeting', async () => {
  await using engine = await openEngine({ path: ':memory:', workflows: [hello] })
  const run = await engine.start(hello, 'Ada')
  expect(await run.result()).toBe('Hello, Ada!')
  expect(await story(run)).toEqual([
    'run.scheduled',
    'run.started',
    'step.scheduled greet',
    'step.succeeded greet',
    'timer.set sleep',
    'timer.fired sleep',
    'run.completed',
  ])
})
