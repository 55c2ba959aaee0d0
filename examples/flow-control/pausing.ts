import { RetryAfterError, workflow } from 'perdure'
import { asked } from './report.ts'
import type { Scene } from './scene.ts'

const report = workflow({ id: 'report', triggers: asked }, async ({ event, step }) => {
  await step.run('collect', () => {})
  await step.run('write', () => {})
  return event.data.name
})

const slowedDown = workflow(
  { id: 'report', triggers: asked, concurrency: { limit: 5, key: 'event.data.who' } },
  async ({ event, step }) => {
    await step.run('collect', ({ attempt }) => {
      const isRefused = event.data.name === 'b' && attempt === 0
      if (isRefused) throw new RetryAfterError('too many requests', '10s', { scope: 'key' })
    })
    await step.run('write', () => {})
    return event.data.name
  },
)

export const scenes: readonly Scene[] = [
  {
    title: 'a workflow is paused, and resumed',
    workflow: report,
    asks: { ada: 'a   b    c' },
    takes: { collect: 4, write: 2 },
    byHand: [
      { second: 2, name: 'pause', act: engine => engine.admission.pause({ workflow: 'report' }) },
      {
        second: 12,
        name: 'resume',
        act: engine => engine.admission.resume({ workflow: 'report' }),
      },
    ],
  },
  {
    title: 'a workflow is drained, and takes in again',
    workflow: report,
    asks: { ada: 'a   b    c    d' },
    takes: { collect: 4, write: 2 },
    byHand: [
      { second: 2, name: 'drain', act: engine => engine.admission.drain({ workflow: 'report' }) },
      {
        second: 12,
        name: 'accept',
        act: engine => engine.admission.accept({ workflow: 'report' }),
      },
    ],
  },
  {
    title: 'a step is told to slow down, for its key',
    workflow: slowedDown,
    asks: { ada: 'a b   c', bob: '  d   e' },
    takes: { collect: 4, write: 2 },
  },
]
