import { workflow } from 'perdure'
import { testEngine } from 'perdure/testing'
import { expect, test } from 'vitest'

test('a run begins when the last step that waited before it is no longer asked for', async () => {
  const limited = workflow({ id: 'limited', concurrency: 1 }, ({ step }) =>
    step.run('serve', () => 'served'),
  )
  let finish = (): void => {}
  const endless = workflow({ id: 'endless' }, ({ step }) =>
    step.run(
      'hold',
      () =>
        new Promise<void>(resolve => {
          finish = resolve
        }),
    ),
  )
  await using engine = await testEngine({ workflows: [limited, endless], concurrency: 1 })
  const holder = await engine.start(endless, undefined)
  const first = await engine.start(limited, undefined)
  const second = await engine.start(limited, undefined)
  await engine.settle()
  expect([first.status, second.status]).toEqual(['running', 'scheduled'])
  await engine.cancel(first.id, 'not needed')
  await engine.settle()
  finish()
  await engine.settle()
  expect([holder.status, first.status, second.status]).toEqual([
    'completed',
    'cancelled',
    'completed',
  ])
})
